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
        /// Messages between boards that the latency waits for, one after the other (nil: not said).
        public var messages: Double?
        /// What each was taken to take beside its bytes and the link's latency, in s (nil: nothing).
        public var messageS: Double?

        public init(devices: [DeviceID], source: Int, destination: Int, layouts: [[[Int]?]]) {
            self.devices = devices
            self.source = source
            self.destination = destination
            self.layouts = layouts
        }

        /// Does everyone compute the same? What was predicted of it may differ.
        static func areTheSame(_ first: Sharing?, _ second: Sharing?) -> Bool {
            first?.devices == second?.devices && first?.source == second?.source
                && first?.destination == second?.destination && first?.layouts == second?.layouts
        }

        enum CodingKeys: String, CodingKey {
            case devices, source, destination, layouts, messages
            case messageS = "message_s"
        }
    }

    /// Do several devices compute by layouts?
    public var sharesOperators: Bool { sharing != nil && devices.count { $0.flopsShare > 0 } > 1 }

    /// Inferences whose memory the plan counts (nil: as many as come; they wait for each other on every device).
    ///
    /// Where operators are shared, a device holds parts of each inference until the other devices have theirs.
    public var inferencesAtOnce: Int? { sharesOperators ? 1 : nil }

    /// What a device is predicted to compute for an inference, in s; nil where the plan does not say.
    ///
    /// What a request takes on the source's board is no computing, and keeps it busy all the same.
    public func computingS(of share: DeviceShare) -> Double? {
        guard let busyS = share.busyS, let requestS else { return share.busyS }
        // In a shared plan the source has a part in any case.
        let handedTo = sharing == nil && layers.count > 1 ? layers[1].device : layers.first?.device
        return share.id == handedTo && handedTo == layers.first?.device ? max(0, busyS - requestS) : busyS
    }

    /// Does the device where requests enter compute everything, and keep the result?
    public var isAtSourceAlone: Bool {
        layers.last?.device == layers.first?.device
            && devices.allSatisfy { $0.flopsShare == 0 || $0.id == layers.first?.device }
    }

    /// The predicted latency, if all devices were off as one is that was measured.
    ///
    /// - Parameters:
    ///   - measuredS: what the device computes for one inference (nil: not known).
    ///   - predictedS: the same as the plan says.
    public func latencyS(computingTakes measuredS: Double?, insteadOf predictedS: Double?) -> Double {
        guard let measuredS, let predictedS, predictedS > 0, measuredS > 0 else { return latencyS }
        return latencyS + computeS * (measuredS / predictedS - 1)
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
    /// Operators are shared where that is predicted to be better by more than a little.
    case auto
}
