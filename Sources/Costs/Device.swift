/// The class of a device in the edge, hub, cloud hierarchy (dissertation, chapter 5).
public enum DeviceClass: String, Codable, Sendable, CaseIterable, Comparable {
    case edge, hub, cloud

    private var rank: Int {
        switch self {
        case .edge: 0
        case .hub: 1
        case .cloud: 2
        }
    }

    public static func < (left: DeviceClass, right: DeviceClass) -> Bool { left.rank < right.rank }
}

/// A compute unit that can be given layers, with what the cost model knows of it.
///
/// A figure that is not known is `nil`, never zero.
public struct Device: Codable, Sendable, Hashable {
    public var id: DeviceID
    /// The board that carries the device.
    public var node: NodeID
    public var deviceClass: DeviceClass
    /// Speed in FLOP/s.
    public var flops: Double
    /// Bandwidth of the device's own memory; weights and tensors that stay inside move at this speed.
    public var memoryBandwidthBytesPerS: Double
    /// What the device offers to a plan.
    public var memoryBytes: Int
    /// The device's end of any link, where it is slower than the network between (nil: not the limit).
    public var networkBandwidthBytesPerS: Double?
    /// What a runner holds before it holds any weight (nil: unknown, counted as not planned for).
    public var runtimeBytes: Int?
    /// Power of the whole board while the device computes at `flops` (nil: unknown).
    public var computePowerW: Double?
    /// Power of the whole board while it waits (nil: unknown).
    public var idlePowerW: Double?
    /// What sending and receiving adds (nil: unknown).
    public var transferPower: TransferPower?
    /// The frequencies to choose from (nil: the clock is not controlled).
    public var operatingPoints: [OperatingPoint]?
    /// The grid zone that feeds the board.
    public var zone: String?
    /// Grams of CO2 equivalent for a kilowatt-hour of the zone (nil: unknown).
    public var intensityGPerKwh: Double?

    public init(
        id: DeviceID, node: NodeID? = nil, deviceClass: DeviceClass = .edge, flops: Double,
        memoryBandwidthBytesPerS: Double, memoryBytes: Int, networkBandwidthBytesPerS: Double? = nil,
        runtimeBytes: Int? = nil, computePowerW: Double? = nil, idlePowerW: Double? = nil,
        transferPower: TransferPower? = nil, operatingPoints: [OperatingPoint]? = nil, zone: String? = nil,
        intensityGPerKwh: Double? = nil
    ) {
        self.id = id
        self.node = node ?? NodeID(id.name)
        self.deviceClass = deviceClass
        self.flops = flops
        self.memoryBandwidthBytesPerS = memoryBandwidthBytesPerS
        self.memoryBytes = memoryBytes
        self.networkBandwidthBytesPerS = networkBandwidthBytesPerS
        self.runtimeBytes = runtimeBytes
        self.computePowerW = computePowerW
        self.idlePowerW = idlePowerW
        self.transferPower = transferPower
        self.operatingPoints = operatingPoints
        self.zone = zone
        self.intensityGPerKwh = intensityGPerKwh
    }

    /// In files the board of a device is named only where it differs from the device, and `edge` is the usual class.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            container, flops: try container.decodeNumber(forKey: .flops),
            memoryBandwidthBytesPerS: try container.decodeNumber(forKey: .memoryBandwidthBytesPerS))
    }

    /// A device whose speed may be left to be measured.
    ///
    /// - Returns: the device, with the speeds given where none is stated, and what is stated.
    public static func decode(
        from decoder: any Decoder, assumingFlops assumedFlops: Double,
        memoryBandwidthBytesPerS assumedMemoryBandwidthBytesPerS: Double
    ) throws -> (device: Device, flops: Double?, memoryBandwidthBytesPerS: Double?) {
        // One container: a strict decoder takes a key that some container left unread for an unknown one.
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let flops = try container.decodeNumberIfPresent(forKey: .flops)
        let bandwidth = try container.decodeNumberIfPresent(forKey: .memoryBandwidthBytesPerS)
        let device = try Device(
            container, flops: flops ?? assumedFlops,
            memoryBandwidthBytesPerS: bandwidth ?? assumedMemoryBandwidthBytesPerS)
        return (device, flops, bandwidth)
    }

    private init(
        _ container: KeyedDecodingContainer<CodingKeys>, flops: Double, memoryBandwidthBytesPerS: Double
    ) throws {
        self.init(
            id: try container.decode(DeviceID.self, forKey: .id),
            node: try container.decodeIfPresent(NodeID.self, forKey: .node),
            deviceClass: try container.decodeIfPresent(DeviceClass.self, forKey: .deviceClass) ?? .edge,
            flops: flops,
            memoryBandwidthBytesPerS: memoryBandwidthBytesPerS,
            memoryBytes: try container.decode(Int.self, forKey: .memoryBytes),
            networkBandwidthBytesPerS: try container.decodeNumberIfPresent(forKey: .networkBandwidthBytesPerS),
            runtimeBytes: try container.decodeIfPresent(Int.self, forKey: .runtimeBytes),
            computePowerW: try container.decodeNumberIfPresent(forKey: .computePowerW),
            idlePowerW: try container.decodeNumberIfPresent(forKey: .idlePowerW),
            transferPower: try container.decodeIfPresent(TransferPower.self, forKey: .transferPower),
            operatingPoints: try container.decodeIfPresent([OperatingPoint].self, forKey: .operatingPoints),
            zone: try container.decodeIfPresent(String.self, forKey: .zone),
            intensityGPerKwh: try container.decodeNumberIfPresent(forKey: .intensityGPerKwh))
    }

    enum CodingKeys: String, CodingKey {
        case id, node
        case deviceClass = "class"
        case flops
        case memoryBandwidthBytesPerS = "memory_bandwidth_bytes_per_s"
        case memoryBytes = "memory_bytes"
        case networkBandwidthBytesPerS = "network_bandwidth_bytes_per_s"
        case runtimeBytes = "runtime_bytes"
        case computePowerW = "compute_power_w"
        case idlePowerW = "idle_power_w"
        case transferPower = "transfer_power"
        case operatingPoints = "operating_point"
        case zone
        case intensityGPerKwh = "intensity_g_per_kwh"
    }
}

/// The network between two devices.
public struct Link: Codable, Sendable, Equatable {
    /// Exactly two devices.
    public var between: [DeviceID]
    /// From the first to the second, and back where `reverseBandwidthBytesPerS` does not say otherwise.
    public var bandwidthBytesPerS: Double
    /// From the second to the first (nil: the same), as where a mobile network's upload is slower than its download.
    public var reverseBandwidthBytesPerS: Double?
    public var latencyS: Double

    public init(
        between first: DeviceID, _ second: DeviceID, bandwidthBytesPerS: Double,
        reverseBandwidthBytesPerS: Double? = nil, latencyS: Double = 0
    ) {
        self.between = [first, second]
        self.bandwidthBytesPerS = bandwidthBytesPerS
        self.reverseBandwidthBytesPerS = reverseBandwidthBytesPerS
        self.latencyS = latencyS
    }

    /// A link without `latency_s` has none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        between = try container.decode([DeviceID].self, forKey: .between)
        bandwidthBytesPerS = try container.decodeNumber(forKey: .bandwidthBytesPerS)
        reverseBandwidthBytesPerS = try container.decodeNumberIfPresent(forKey: .reverseBandwidthBytesPerS)
        latencyS = try container.decodeNumberIfPresent(forKey: .latencyS) ?? 0
    }

    enum CodingKeys: String, CodingKey {
        case between
        case bandwidthBytesPerS = "bandwidth_bytes_per_s"
        case reverseBandwidthBytesPerS = "reverse_bandwidth_bytes_per_s"
        case latencyS = "latency_s"
    }
}
