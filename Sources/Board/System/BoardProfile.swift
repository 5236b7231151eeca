import Costs

/// What is known of a kind of board beforehand: which clock drives which device, and what a public source says of it.
///
/// A figure that no source gives is absent, hence unknown. Unknown keys are errors.
public struct BoardProfile: Codable, Sendable, Equatable {
    public enum Supply: String, Codable, Sendable, CaseIterable {
        case mains, battery
    }

    /// A compute unit of the board.
    public struct Unit: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            case cpu, gpu
        }

        public struct Point: Codable, Sendable, Equatable {
            public var frequencyHz: Double
            public var flops: Double?
            public var computePowerW: Double?

            public init(frequencyHz: Double, flops: Double? = nil, computePowerW: Double? = nil) {
                self.frequencyHz = frequencyHz
                self.flops = flops
                self.computePowerW = computePowerW
            }

            public init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                self.init(
                    frequencyHz: try container.decodeNumber(forKey: .frequencyHz),
                    flops: try container.decodeNumberIfPresent(forKey: .flops),
                    computePowerW: try container.decodeNumberIfPresent(forKey: .computePowerW))
            }

            enum CodingKeys: String, CodingKey {
                case flops
                case frequencyHz = "frequency_hz"
                case computePowerW = "compute_power_w"
            }
        }

        public var id: String
        public var kind: Kind
        public var deviceClass: DeviceClass
        /// Names of its CPU policies, all of which are set together.
        public var cpuPolicies: [String]
        /// Names that its devfreq device has under the kernels known.
        public var devfreq: [String]
        /// At its fastest point.
        public var flops: Double?
        public var memoryBandwidthBytesPerS: Double?
        public var idlePowerW: Double?
        public var computePowerW: Double?
        public var points: [Point]

        public init(
            id: String, kind: Kind, deviceClass: DeviceClass = .edge, cpuPolicies: [String] = [],
            devfreq: [String] = [], flops: Double? = nil, memoryBandwidthBytesPerS: Double? = nil,
            idlePowerW: Double? = nil, computePowerW: Double? = nil, points: [Point] = []
        ) {
            self.id = id
            self.kind = kind
            self.deviceClass = deviceClass
            self.cpuPolicies = cpuPolicies
            self.devfreq = devfreq
            self.flops = flops
            self.memoryBandwidthBytesPerS = memoryBandwidthBytesPerS
            self.idlePowerW = idlePowerW
            self.computePowerW = computePowerW
            self.points = points
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                id: try container.decode(String.self, forKey: .id),
                kind: try container.decode(Kind.self, forKey: .kind),
                deviceClass: try container.decodeIfPresent(DeviceClass.self, forKey: .deviceClass) ?? .edge,
                cpuPolicies: try container.decodeIfPresent([String].self, forKey: .cpuPolicies) ?? [],
                devfreq: try container.decodeIfPresent([String].self, forKey: .devfreq) ?? [],
                flops: try container.decodeNumberIfPresent(forKey: .flops),
                memoryBandwidthBytesPerS: try container.decodeNumberIfPresent(forKey: .memoryBandwidthBytesPerS),
                idlePowerW: try container.decodeNumberIfPresent(forKey: .idlePowerW),
                computePowerW: try container.decodeNumberIfPresent(forKey: .computePowerW),
                points: try container.decodeIfPresent([Point].self, forKey: .points) ?? [])
        }

        enum CodingKeys: String, CodingKey {
            case id, kind, devfreq, flops
            case deviceClass = "class"
            case cpuPolicies = "cpu_policies"
            case memoryBandwidthBytesPerS = "memory_bandwidth_bytes_per_s"
            case idlePowerW = "idle_power_w"
            case computePowerW = "compute_power_w"
            case points = "operating_point"
        }
    }

    /// A sensor of the whole board: the first one found of the list.
    public struct Sensor: Codable, Sendable, Equatable {
        /// The kernel's name of the chip.
        public var chip: String
        public var label: String

        public init(chip: String, label: String) {
            self.chip = chip
            self.label = label
        }
    }

    public var name: String
    /// Beginnings of the device tree's model string.
    public var models: [String]
    public var supply: Supply
    public var units: [Unit]
    public var sensors: [Sensor]

    public init(name: String, models: [String], supply: Supply, units: [Unit], sensors: [Sensor] = []) {
        self.name = name
        self.models = models
        self.supply = supply
        self.units = units
        self.sensors = sensors
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            models: try container.decode([String].self, forKey: .models),
            supply: try container.decode(Supply.self, forKey: .supply),
            units: try container.decode([Unit].self, forKey: .units),
            sensors: try container.decodeIfPresent([Sensor].self, forKey: .sensors) ?? [])
    }

    enum CodingKeys: String, CodingKey {
        case name, models, supply
        case units = "device"
        case sensors = "sensor"
    }
}
