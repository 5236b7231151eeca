/// What a plan must keep besides memory, pins and links. Nil: no such limit.
public struct Constraints: Codable, Sendable, Equatable {
    /// The most energy that one device may take for one inference, what it waits included.
    public struct EnergyLimit: Codable, Sendable, Equatable {
        public var device: DeviceID
        public var energyJ: Double

        public init(device: DeviceID, energyJ: Double) {
            self.device = device
            self.energyJ = energyJ
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            device = try container.decode(DeviceID.self, forKey: .device)
            energyJ = try container.decodeNumber(forKey: .energyJ)
        }

        enum CodingKeys: String, CodingKey {
            case device
            case energyJ = "energy_j"
        }
    }

    public var maximumLatencyS: Double?
    public var maximumEnergy: [EnergyLimit]
    /// Grams of CO2 equivalent for one inference.
    public var maximumCarbonG: Double?
    /// Inferences per second.
    public var minimumThroughputPerS: Double?
    /// Layers that must stay on devices of the source's board, by index.
    public var privateLayers: [Int]
    /// Runs of consecutive layers that a device may have; the source's and the destination's count.
    public var maximumEntries: Int?
    /// Layers of the longest bundle that may be run and priced as one (nil: any).
    public var maximumBundleSize: Int?

    public init(
        maximumLatencyS: Double? = nil, maximumEnergy: [EnergyLimit] = [], maximumCarbonG: Double? = nil,
        minimumThroughputPerS: Double? = nil, privateLayers: [Int] = [], maximumEntries: Int? = nil,
        maximumBundleSize: Int? = nil
    ) {
        self.maximumLatencyS = maximumLatencyS
        self.maximumEnergy = maximumEnergy
        self.maximumCarbonG = maximumCarbonG
        self.minimumThroughputPerS = minimumThroughputPerS
        self.privateLayers = privateLayers
        self.maximumEntries = maximumEntries
        self.maximumBundleSize = maximumBundleSize
    }

    /// Are there none but those that plans which share operators are held to?
    public var areKeptSharing: Bool {
        self
            == Constraints(
                maximumLatencyS: maximumLatencyS, maximumEnergy: maximumEnergy, maximumCarbonG: maximumCarbonG)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            maximumLatencyS: try container.decodeNumberIfPresent(forKey: .maximumLatencyS),
            maximumEnergy: try container.decodeIfPresent([EnergyLimit].self, forKey: .maximumEnergy) ?? [],
            maximumCarbonG: try container.decodeNumberIfPresent(forKey: .maximumCarbonG),
            minimumThroughputPerS: try container.decodeNumberIfPresent(forKey: .minimumThroughputPerS),
            privateLayers: try container.decodeIfPresent([Int].self, forKey: .privateLayers) ?? [],
            maximumEntries: try container.decodeIfPresent(Int.self, forKey: .maximumEntries),
            maximumBundleSize: try container.decodeIfPresent(Int.self, forKey: .maximumBundleSize))
    }

    enum CodingKeys: String, CodingKey {
        case maximumLatencyS = "maximum_latency_s"
        case maximumEnergy = "maximum_energy"
        case maximumCarbonG = "maximum_carbon_g"
        case minimumThroughputPerS = "minimum_throughput_per_s"
        case privateLayers = "private_layers"
        case maximumEntries = "maximum_entries"
        case maximumBundleSize = "maximum_bundle_size"
    }
}
