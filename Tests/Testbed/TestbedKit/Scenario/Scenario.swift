import Board
import Costs

/// What a test bed is to be and what happens to it: a cluster file with `[testbed]`, `[[board]]` and `[[event]]`.
///
/// A link's bandwidth is what TCP payload gets. Its latency is only what boards are told; nothing is delayed.
public struct Scenario: Sendable, Equatable {
    /// `[testbed]`: what is served, and for how long.
    public struct Run: Sendable, Equatable {
        /// An ONNX file; a relative path starts at the scenario's folder.
        public var model: String?
        /// Inputs, first axis first; nil: random numbers of the model's shape.
        public var input: String?
        /// Gives a model without weights random ones of this seed; nil: it has its own.
        public var weightsSeed: Int?
        /// What boards plan for; nil: as their configuration says.
        public var objective: Objective?
        public var requestsPerS: Double
        public var durationS: Double
        /// What each board may send to the broker; nil: as much as it likes.
        public var controlBandwidthBytesPerS: Double?
        /// Are boards told the links' rates as a first guess?
        public var boardsKnowLinks: Bool

        public init(
            model: String? = nil, input: String? = nil, weightsSeed: Int? = nil, objective: Objective? = nil,
            requestsPerS: Double = 2, durationS: Double = 60, controlBandwidthBytesPerS: Double? = nil,
            boardsKnowLinks: Bool = true
        ) {
            self.model = model
            self.input = input
            self.weightsSeed = weightsSeed
            self.objective = objective
            self.requestsPerS = requestsPerS
            self.durationS = durationS
            self.controlBandwidthBytesPerS = controlBandwidthBytesPerS
            self.boardsKnowLinks = boardsKnowLinks
        }
    }

    /// `[[board]]`: what is behind a device of the cluster.
    public struct VirtualBoard: Sendable, Equatable {
        public var node: NodeID
        public var kind: BoardKind
        /// Nil: as the kind has it. The same for the rest.
        public var cores: Double?
        /// The processor of this machine that it runs on, by its number (nil: any).
        public var processorNumber: Int?
        public var memoryBytes: Int?
        public var powerSensor: BoardHardware.PowerSensor?
        public var governor: String?
        public var ambientC: Double?
        public var thermalTimeConstantS: Double?
        public var passiveTripC: Double?
        /// Of the board without any load.
        public var staticPowerW: Double?
        /// May it lead?
        public var eligible: Bool

        public init(
            node: NodeID, kind: BoardKind, cores: Double? = nil, memoryBytes: Int? = nil,
            powerSensor: BoardHardware.PowerSensor? = nil, governor: String? = nil, ambientC: Double? = nil,
            thermalTimeConstantS: Double? = nil, passiveTripC: Double? = nil, staticPowerW: Double? = nil,
            eligible: Bool = true
        ) {
            self.node = node
            self.kind = kind
            self.cores = cores
            self.memoryBytes = memoryBytes
            self.powerSensor = powerSensor
            self.governor = governor
            self.ambientC = ambientC
            self.thermalTimeConstantS = thermalTimeConstantS
            self.passiveTripC = passiveTripC
            self.staticPowerW = staticPowerW
            self.eligible = eligible
        }

        public var hardware: BoardHardware {
            var hardware = kind.hardware
            if let cores { hardware.cores = cores }
            hardware.processorNumber = processorNumber
            if let memoryBytes { hardware.memoryBytes = memoryBytes }
            if let powerSensor { hardware.powerSensor = powerSensor }
            if let governor {
                if hardware.computeClock == .accelerator {
                    hardware.accelerator?.governor = governor
                } else {
                    hardware.processor.governor = governor
                }
            }
            if let ambientC { hardware.thermal.ambientC = ambientC }
            if let thermalTimeConstantS { hardware.thermal.timeConstantS = thermalTimeConstantS }
            if let passiveTripC { hardware.thermal.passiveTripC = passiveTripC }
            if let staticPowerW { hardware.staticPowerW = staticPowerW }
            return hardware
        }
    }

    public var cluster: ClusterFile
    public var run: Run
    public var boards: [VirtualBoard]
    /// In order of time.
    public var events: [ScenarioEvent]

    public init(cluster: ClusterFile, run: Run = Run(), boards: [VirtualBoard], events: [ScenarioEvent] = []) {
        self.cluster = cluster
        self.run = run
        self.boards = boards
        self.events = events
    }

    public static let maximumEvents = 1000
    /// `Device.nodes` names must fit into names of network namespaces and MQTT topics.
    static let maximumNameLength = BedName.boardNameLimit

    /// Reads and checks a file; paths in it are made absolute. Blocks on the file.
    ///
    /// - Throws: `ConfigurationError`: one sentence with the file and the key.
    public static func load(_ path: String) throws -> Scenario {
        var scenario = try StrictTOML.decode(Scenario.self, file: path).checked(path)
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        func resolved(_ name: String?) -> String? { name.map { $0.hasPrefix("/") ? $0 : folder + $0 } }
        scenario.run.model = resolved(scenario.run.model)
        scenario.run.input = resolved(scenario.run.input)
        return scenario
    }

    /// The same for a text; errors call it `name`, and paths stay as they are.
    public static func parse(_ text: String, name: String) throws -> Scenario {
        try StrictTOML.decode(Scenario.self, text: text, name: name).checked(name)
    }

    private func checked(_ path: String) throws -> Scenario {
        if let fault = firstFault { throw ConfigurationError("\(path): \(fault)") }
        return self
    }
}

extension Scenario: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            // One container for all keys: the decoder takes for unknown what one of several does not ask for.
            cluster: ClusterFile(
                name: try container.decode(String.self, forKey: .name),
                application: try container.decode(ClusterFile.Application.self, forKey: .application),
                devices: try container.decode([Device].self, forKey: .devices),
                links: try container.decodeIfPresent([Link].self, forKey: .links) ?? [],
                pins: try container.decodeIfPresent([ClusterFile.LayerPin].self, forKey: .pins) ?? []),
            run: try container.decodeIfPresent(Run.self, forKey: .run) ?? Run(),
            boards: try container.decode([VirtualBoard].self, forKey: .boards),
            events: (try container.decodeIfPresent([ScenarioEvent].self, forKey: .events) ?? [])
                .enumerated().sorted { ($0.element.atS, $0.offset) < ($1.element.atS, $1.offset) }.map(\.element))
    }

    private enum CodingKeys: String, CodingKey {
        case name, application
        case devices = "device"
        case links = "link"
        case pins = "pin"
        case run = "testbed"
        case boards = "board"
        case events = "event"
    }
}

extension Scenario.Run: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        model = try container.decodeIfPresent(String.self, forKey: .model)
        input = try container.decodeIfPresent(String.self, forKey: .input)
        weightsSeed = try container.decodeIfPresent(Int.self, forKey: .weightsSeed)
        objective = try container.decodeIfPresent(Objective.self, forKey: .objective)
        requestsPerS = try container.decodeNumberIfPresent(forKey: .requestsPerS) ?? requestsPerS
        durationS = try container.decodeNumberIfPresent(forKey: .durationS) ?? durationS
        controlBandwidthBytesPerS = try container.decodeNumberIfPresent(forKey: .controlBandwidthBytesPerS)
        boardsKnowLinks = try container.decodeIfPresent(Bool.self, forKey: .boardsKnowLinks) ?? boardsKnowLinks
    }

    private enum CodingKeys: String, CodingKey {
        case model, input, objective
        case weightsSeed = "weights_seed"
        case requestsPerS = "requests_per_s"
        case durationS = "duration_s"
        case controlBandwidthBytesPerS = "control_bandwidth_bytes_per_s"
        case boardsKnowLinks = "boards_know_links"
    }
}

extension Scenario.VirtualBoard: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            node: try container.decode(NodeID.self, forKey: .node),
            kind: try container.decode(BoardKind.self, forKey: .kind),
            cores: try container.decodeNumberIfPresent(forKey: .cores),
            memoryBytes: try container.decodeIfPresent(Int.self, forKey: .memoryBytes),
            powerSensor: try container.decodeIfPresent(BoardHardware.PowerSensor.self, forKey: .powerSensor),
            governor: try container.decodeIfPresent(String.self, forKey: .governor),
            ambientC: try container.decodeNumberIfPresent(forKey: .ambientC),
            thermalTimeConstantS: try container.decodeNumberIfPresent(forKey: .thermalTimeConstantS),
            passiveTripC: try container.decodeNumberIfPresent(forKey: .passiveTripC),
            staticPowerW: try container.decodeNumberIfPresent(forKey: .staticPowerW),
            eligible: try container.decodeIfPresent(Bool.self, forKey: .eligible) ?? true)
        processorNumber = try container.decodeIfPresent(Int.self, forKey: .processorNumber)
    }

    private enum CodingKeys: String, CodingKey {
        case node, kind, cores, governor, eligible
        case processorNumber = "processor_number"
        case memoryBytes = "memory_bytes"
        case powerSensor = "power_sensor"
        case ambientC = "ambient_c"
        case thermalTimeConstantS = "thermal_time_constant_s"
        case passiveTripC = "passive_trip_c"
        case staticPowerW = "static_power_w"
    }
}
