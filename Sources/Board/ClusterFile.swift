import Costs

/// A cluster as a TOML file describes it: the devices, the links between them, and what the application needs.
///
/// Offline planning, the demo's scenario and the tests use the same form. Unknown keys are errors.
public struct ClusterFile: Sendable, Equatable {
    /// Where requests enter and results leave, and what stands before the model.
    public struct Application: Codable, Sendable, Equatable {
        public var source: DeviceID
        public var destination: DeviceID
        /// What the source captures, before preprocessing (nil: the model's own input).
        public var rawInputBytes: Int?
        /// Operations of the work between the raw input and the model's input (nil: none).
        public var preprocessOperations: Double?
        /// Nil: every inference, as in the dissertation's base model.
        public var weights: WeightsPolicy?
        /// Nil: latency.
        public var objective: Objective?
        /// Nil: one inference at a time.
        public var service: Service?
        /// Inferences per second of a continuous service, waiting in between.
        public var wantedThroughputPerS: Double?
        /// Nil: what is physically so.
        public var costModel: CostModel?
        /// Nil: all devices.
        public var energyScope: EnergyScope?
        /// As in a problem's JSON, but for the private layers, which `privateLayers` names.
        public var constraints: Constraints?
        /// The first layers of any model, which stay on the source's board.
        public var privateCount: Int?
        /// Layers that stay on the source's board, by their name in the model.
        public var privateLayers: [String]?

        public init(
            source: DeviceID, destination: DeviceID, rawInputBytes: Int? = nil, preprocessOperations: Double? = nil,
            weights: WeightsPolicy? = nil, objective: Objective? = nil, service: Service? = nil,
            wantedThroughputPerS: Double? = nil, costModel: CostModel? = nil, energyScope: EnergyScope? = nil,
            constraints: Constraints? = nil, privateCount: Int? = nil, privateLayers: [String]? = nil
        ) {
            self.source = source
            self.destination = destination
            self.rawInputBytes = rawInputBytes
            self.preprocessOperations = preprocessOperations
            self.weights = weights
            self.objective = objective
            self.service = service
            self.wantedThroughputPerS = wantedThroughputPerS
            self.costModel = costModel
            self.energyScope = energyScope
            self.constraints = constraints
            self.privateCount = privateCount
            self.privateLayers = privateLayers
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                source: try container.decode(DeviceID.self, forKey: .source),
                destination: try container.decode(DeviceID.self, forKey: .destination),
                rawInputBytes: try container.decodeIfPresent(Int.self, forKey: .rawInputBytes),
                preprocessOperations: try container.decodeNumberIfPresent(forKey: .preprocessOperations),
                weights: try container.decodeIfPresent(WeightsPolicy.self, forKey: .weights),
                objective: try container.decodeIfPresent(Objective.self, forKey: .objective),
                service: try container.decodeIfPresent(Service.self, forKey: .service),
                wantedThroughputPerS: try container.decodeNumberIfPresent(forKey: .wantedThroughputPerS),
                costModel: try container.decodeIfPresent(CostModel.self, forKey: .costModel),
                energyScope: try container.decodeIfPresent(EnergyScope.self, forKey: .energyScope),
                constraints: try container.decodeIfPresent(Constraints.self, forKey: .constraints),
                privateCount: try container.decodeIfPresent(Int.self, forKey: .privateCount),
                privateLayers: try container.decodeIfPresent([String].self, forKey: .privateLayers))
        }

        enum CodingKeys: String, CodingKey {
            case source, destination, weights, objective, service, constraints
            case wantedThroughputPerS = "wanted_throughput_per_s"
            case costModel = "cost_model"
            case energyScope = "energy_scope"
            case privateCount = "private_count"
            case privateLayers = "private_layers"
            case rawInputBytes = "raw_input_bytes"
            case preprocessOperations = "preprocess_operations"
        }
    }

    /// A layer that must run on one device, by its name in the model.
    public struct LayerPin: Codable, Sendable, Equatable {
        public var layer: String
        public var device: DeviceID

        public init(layer: String, device: DeviceID) {
            self.layer = layer
            self.device = device
        }
    }

    public var name: String
    public var application: Application
    public var devices: [Device]
    public var links: [Link]
    /// Layers that are not free; `[[pin]]` in the file.
    public var pins: [LayerPin]

    public init(
        name: String, application: Application, devices: [Device], links: [Link], pins: [LayerPin] = []
    ) {
        self.name = name
        self.application = application
        self.devices = devices
        self.links = links
        self.pins = pins
    }

    /// Reads and checks a file. Blocks on the file.
    ///
    /// - Throws: ``ConfigurationError``: one sentence with the file and the key.
    public static func load(_ path: String) throws -> ClusterFile {
        try StrictTOML.decode(ClusterFile.self, file: path).checked(path)
    }

    /// The same for a text; errors call it `name`.
    public static func parse(_ text: String, name: String) throws -> ClusterFile {
        try StrictTOML.decode(ClusterFile.self, text: text, name: name).checked(name)
    }

    private func checked(_ path: String) throws -> ClusterFile {
        if let fault = firstFault { throw ConfigurationError("\(path): \(fault)") }
        return self
    }
}

extension ClusterFile: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            application: try container.decode(Application.self, forKey: .application),
            devices: try container.decode([Device].self, forKey: .devices),
            links: try container.decodeIfPresent([Link].self, forKey: .links) ?? [],
            pins: try container.decodeIfPresent([LayerPin].self, forKey: .pins) ?? [])
    }

    enum CodingKeys: String, CodingKey {
        case name, application
        case devices = "device"
        case links = "link"
        case pins = "pin"
    }
}
