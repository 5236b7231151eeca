import Sharing

/// The devices that may share a model, and the network between them. Devices are numbered from 0.
public struct SharingCluster: Hashable, Sendable {
    public struct Device: Hashable, Sendable {
        public var name: String
        /// Speed in FLOP/s.
        public var flops: Double
        /// What it offers to a plan (nil: unknown, taken as enough).
        public var memoryBytes: Int?

        public init(name: String, flops: Double, memoryBytes: Int? = nil) {
            self.name = name
            self.flops = flops
            self.memoryBytes = memoryBytes
        }
    }

    public let devices: [Device]
    /// Bytes per second from the first to the second device; the diagonal is not read.
    public let bandwidthBytesPerS: [[Double]]
    /// What a message takes besides its bytes, by sender and receiver.
    public let latencyS: [[Double]]
    /// Holds the model's inputs.
    public let source: Int
    /// Where the model's results are wanted.
    public let destination: Int

    /// Throws the first figure that makes no sense.
    ///
    /// - Parameter latencyS: as `bandwidthBytesPerS` (nil: none).
    public init(
        devices: [Device], bandwidthBytesPerS: [[Double]], latencyS: [[Double]]? = nil, source: Int = 0,
        destination: Int = 0
    ) throws(SharingError) {
        let count = devices.count
        guard devices.indices.contains(source), devices.indices.contains(destination) else {
            throw SharingError("source \(source) and destination \(destination) must be among \(count) devices")
        }
        for device in devices where !(device.flops > 0 && device.flops.isFinite) {
            throw SharingError("device '\(device.name)' has \(device.flops) FLOP/s; give a positive number")
        }
        let latency = latencyS ?? devices.map { _ in [Double](repeating: 0, count: count) }
        for table in [bandwidthBytesPerS, latency] {
            guard table.count == count, table.allSatisfy({ $0.count == count }) else {
                throw SharingError("bandwidths and latencies need \(count) rows of \(count) devices")
            }
        }
        for from in devices.indices {
            for to in devices.indices where to != from {
                guard bandwidthBytesPerS[from][to] > 0, latency[from][to] >= 0, latency[from][to].isFinite else {
                    throw SharingError(
                        "the link from '\(devices[from].name)' to '\(devices[to].name)' has "
                            + "\(bandwidthBytesPerS[from][to]) B/s and \(latency[from][to]) s; "
                            + "give a positive bandwidth and no negative latency")
                }
            }
        }
        self.devices = devices
        self.bandwidthBytesPerS = bandwidthBytesPerS
        self.latencyS = latency
        self.source = source
        self.destination = destination
    }

    /// Devices of given speeds with the same bandwidth between any two; device 0 is source and destination.
    public init(
        flops: [Double], bandwidthBytesPerS: Double, latencyS: Double = 0, memoryBytes: Int? = nil
    ) throws(SharingError) {
        func table(_ value: Double) -> [[Double]] {
            [[Double]](repeating: [Double](repeating: value, count: flops.count), count: flops.count)
        }
        try self.init(
            devices: flops.enumerated().map { index, speed in
                Device(name: "device-\(index)", flops: speed, memoryBytes: memoryBytes)
            },
            bandwidthBytesPerS: table(bandwidthBytesPerS), latencyS: table(latencyS))
    }

    /// The same devices and links, whose messages take longer.
    public func delayingMessages(byS delayS: Double) throws(SharingError) -> SharingCluster {
        try SharingCluster(
            devices: devices, bandwidthBytesPerS: bandwidthBytesPerS, latencyS: latencyS.map { $0.map { $0 + delayS } },
            source: source, destination: destination)
    }

    /// The same devices and links at other speeds, by device in FLOP/s.
    public func running(at flops: [Double]) throws(SharingError) -> SharingCluster {
        var other = devices
        for (index, speed) in flops.enumerated() where other.indices.contains(index) { other[index].flops = speed }
        return try SharingCluster(
            devices: other, bandwidthBytesPerS: bandwidthBytesPerS, latencyS: latencyS, source: source,
            destination: destination)
    }

    public var deviceCount: Int { devices.count }
    public var speeds: [Double] { devices.map(\.flops) }

    /// The device of highest speed; of several the source, else the first.
    public var fastest: Int {
        let best = speeds.max() ?? 0
        return devices[source].flops == best ? source : speeds.firstIndex(of: best) ?? source
    }

    /// Seconds that bytes are on the way between two devices, without the link's latency.
    public func movingS(_ byteCount: Int, from: Int, to: Int) -> Double {
        from == to ? 0 : Double(byteCount) / bandwidthBytesPerS[from][to]
    }

    /// Seconds that a device computes.
    public func computeS(_ flop: Double, on device: Int) -> Double { flop / devices[device].flops }

    /// Layouts on these devices, from this cluster's source to its destination.
    public func assignment(_ layouts: [SharedLayout]) -> SharedAssignment {
        SharedAssignment(
            deviceCount: deviceCount, source: source, destination: destination, layouts: layouts)
    }
}
