extension Plan {
    /// Who computes what of every operator, where boards share operators; then the layers only say which device
    /// computes most of each.
    public struct Sharing: Codable, Sendable, Equatable {
        /// The devices by number; each on a board of its own.
        public var devices: [DeviceID]
        /// Numbers of the devices that hold the input and that get the result.
        public var source: Int
        public var destination: Int
        /// By operator of the model and device: start and end of each axis of its first output, one after the other;
        /// null for an idle device.
        public var layouts: [[[Int]?]]

        public init(devices: [DeviceID], source: Int, destination: Int, layouts: [[[Int]?]]) {
            self.devices = devices
            self.source = source
            self.destination = destination
            self.layouts = layouts
        }
    }

    /// Every device that has a part in the plan, each once.
    public var partakers: [DeviceID] {
        var seen: Set<DeviceID> = []
        return (layers.map(\.device) + (sharing?.devices ?? [])).filter { seen.insert($0).inserted }
    }
}

/// May boards share operators?
public enum SharingChoice: String, Codable, Sendable, CaseIterable {
    /// Each layer runs on one device.
    case off
    /// Operators are shared, whatever a plan without sharing would take.
    case on
    /// Operators are shared where that is predicted to have the lower latency.
    case auto
}
