import Board
import Cluster
import Costs
import SharingPlans

/// What `lamella agent` reads from its TOML file. Unknown keys are errors.
///
/// `firmware-config/agent.toml` shows every key with its default.
public struct AgentConfiguration: Codable, Sendable, Equatable {
    /// Where the broker listens.
    public struct Broker: Codable, Sendable, Equatable {
        public var host: String
        public var port: Int

        public init(host: String = "127.0.0.1", port: Int = 1883) {
            self.host = host
            self.port = port
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            host = try container.decodeIfPresent(String.self, forKey: .host) ?? host
            port = try container.decodeIfPresent(Int.self, forKey: .port) ?? port
        }
    }

    /// An address to listen on, and the host name that other boards shall use.
    public struct Listener: Codable, Sendable, Equatable {
        public var host: String
        /// 0 lets the kernel choose.
        public var port: Int
        /// Nil: the address of the interface that reaches the broker.
        public var advertisedHost: String?

        public init(host: String = "0.0.0.0", port: Int = 0, advertisedHost: String? = nil) {
            self.host = host
            self.port = port
            self.advertisedHost = advertisedHost
        }

        /// The table as it stands in the file. Which port is the default depends on who listens, so what is absent
        /// is filled in afterwards.
        struct Table: Decodable {
            var host: String?
            var port: Int?
            var advertisedHost: String?

            func filled(from defaults: Listener) -> Listener {
                Listener(
                    host: host ?? defaults.host, port: port ?? defaults.port,
                    advertisedHost: advertisedHost ?? defaults.advertisedHost)
            }

            enum CodingKeys: String, CodingKey {
                case host, port
                case advertisedHost = "advertised_host"
            }
        }

        enum CodingKeys: String, CodingKey {
            case host, port
            case advertisedHost = "advertised_host"
        }
    }

    public struct Runner: Codable, Sendable, Equatable {
        /// Threads that ONNX Runtime uses inside one operator.
        public var threads: Int
        /// May it load an idle link for a moment now and then, to know its bandwidth?
        public var probesLinks: Bool

        public init(threads: Int = 1, probesLinks: Bool = true) {
            self.threads = threads
            self.probesLinks = probesLinks
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            threads = try container.decodeIfPresent(Int.self, forKey: .threads) ?? threads
            probesLinks = try container.decodeIfPresent(Bool.self, forKey: .probesLinks) ?? probesLinks
        }

        enum CodingKeys: String, CodingKey {
            case threads
            case probesLinks = "probes_links"
        }
    }

    public struct Planner: Codable, Sendable, Equatable {
        /// The `--planner` that solves are given to.
        public var name: String
        /// Within this time a solve gives the best plan that it has; one that does not is stopped.
        public var timeS: Double
        /// What the search of a solve may keep; the process may take `PlannerProcess.baseBytes` more.
        public var memoryBytes: Int
        /// What plans make least where nobody asks for something else.
        public var objective: Objective
        public var service: Service
        public var constraints: Constraints
        /// May boards share operators, each a part of the same one?
        public var sharing: SharingChoice
        /// Who decides how they are shared: a `SharingSystem`.
        public var sharingPlanner: String
        /// What a link is taken for until somebody measured it.
        public var assumedBandwidthBytesPerS: Double
        /// A new plan must be better by this part of the old one's value.
        public var margin: Double
        /// A grid zone's intensity must change by this part to be worth a solve where carbon counts.
        public var carbonMargin: Double
        /// A plan stays at least this long, unless it cannot run any more or somebody asks.
        public var dwellS: Double
        /// Changes of plan, for reasons that can wait, within any `switchWindowS`.
        public var switchesPerWindow: Int
        public var switchWindowS: Double

        static let longestWaitS = 86_400.0
        static let mostSwitches = 1000

        public init(
            name: String = "exact", timeS: Double = 10, memoryBytes: Int = 128 << 20, objective: Objective = .latency,
            service: Service = .oneAtATime, constraints: Constraints = Constraints(), sharing: SharingChoice = .off,
            sharingPlanner: String = SharingSystem.unified.rawValue, assumedBandwidthBytesPerS: Double = 1e6,
            margin: Double = 0.05, carbonMargin: Double = 0.1,
            dwellS: Double = 5, switchesPerWindow: Int = 2, switchWindowS: Double = 60
        ) {
            self.name = name
            self.timeS = timeS
            self.memoryBytes = memoryBytes
            self.objective = objective
            self.service = service
            self.constraints = constraints
            self.sharing = sharing
            self.sharingPlanner = sharingPlanner
            self.carbonMargin = carbonMargin
            self.assumedBandwidthBytesPerS = assumedBandwidthBytesPerS
            self.margin = margin
            self.dwellS = dwellS
            self.switchesPerWindow = switchesPerWindow
            self.switchWindowS = switchWindowS
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            name = try container.decodeIfPresent(String.self, forKey: .name) ?? name
            timeS = try container.decodeNumberIfPresent(forKey: .timeS) ?? timeS
            assumedBandwidthBytesPerS =
                try container.decodeNumberIfPresent(forKey: .assumedBandwidthBytesPerS)
                ?? assumedBandwidthBytesPerS
            margin = try container.decodeNumberIfPresent(forKey: .margin) ?? margin
            carbonMargin = try container.decodeNumberIfPresent(forKey: .carbonMargin) ?? carbonMargin
            dwellS = try container.decodeNumberIfPresent(forKey: .dwellS) ?? dwellS
            switchesPerWindow =
                try container.decodeIfPresent(Int.self, forKey: .switchesPerWindow) ?? switchesPerWindow
            switchWindowS = try container.decodeNumberIfPresent(forKey: .switchWindowS) ?? switchWindowS
            memoryBytes = try container.decodeIfPresent(Int.self, forKey: .memoryBytes) ?? memoryBytes
            objective = try container.decodeIfPresent(Objective.self, forKey: .objective) ?? objective
            // There is no throughput to speak of where inferences come one at a time.
            service =
                try container.decodeIfPresent(Service.self, forKey: .service)
                ?? (objective == .throughput ? .continuous : service)
            constraints = try container.decodeIfPresent(Constraints.self, forKey: .constraints) ?? constraints
            sharing = try container.decodeIfPresent(SharingChoice.self, forKey: .sharing) ?? sharing
            sharingPlanner = try container.decodeIfPresent(String.self, forKey: .sharingPlanner) ?? sharingPlanner
        }

        enum CodingKeys: String, CodingKey {
            case name, objective, service, sharing, margin
            case sharingPlanner = "sharing_planner"
            case timeS = "time_s"
            case memoryBytes = "memory_bytes"
            case assumedBandwidthBytesPerS = "assumed_bandwidth_bytes_per_s"
            case carbonMargin = "carbon_margin"
            case dwellS = "dwell_s"
            case switchesPerWindow = "switches_per_window"
            case switchWindowS = "switch_window_s"
            // A table: in the file it stands after the keys.
            case constraints
        }
    }

    public struct Requests: Codable, Sendable, Equatable {
        /// A request without a result after this time fails by name.
        public var deadlineS: Double

        public init(deadlineS: Double = 30) { self.deadlineS = deadlineS }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            deadlineS = try container.decodeNumberIfPresent(forKey: .deadlineS) ?? deadlineS
        }

        enum CodingKeys: String, CodingKey {
            case deadlineS = "deadline_s"
        }
    }

    /// What is known of the network to a peer before it was measured.
    public struct PeerLink: Codable, Sendable, Equatable {
        public var peer: NodeID
        public var bandwidthBytesPerS: Double
        public var latencyS: Double

        public init(peer: NodeID, bandwidthBytesPerS: Double, latencyS: Double = 0) {
            self.peer = peer
            self.bandwidthBytesPerS = bandwidthBytesPerS
            self.latencyS = latencyS
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                peer: try container.decode(NodeID.self, forKey: .peer),
                bandwidthBytesPerS: try container.decodeNumber(forKey: .bandwidthBytesPerS),
                latencyS: try container.decodeNumberIfPresent(forKey: .latencyS) ?? 0)
        }

        enum CodingKeys: String, CodingKey {
            case peer
            case bandwidthBytesPerS = "bandwidth_bytes_per_s"
            case latencyS = "latency_s"
        }
    }

    /// Slows this board's runner down, so that several boards on one machine differ as real ones do.
    public struct Emulation: Codable, Sendable, Equatable {
        /// A segment takes at least its FLOP / `flops`.
        public var flops: Double?
        /// Sends to these peers are held to these rates.
        public var link: [PeerLink]

        public init(flops: Double? = nil, link: [PeerLink] = []) {
            self.flops = flops
            self.link = link
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            flops = try container.decodeNumberIfPresent(forKey: .flops)
            link = try container.decodeIfPresent([PeerLink].self, forKey: .link) ?? []
        }
    }

    public var cluster: String
    public var node: NodeID
    public var stateDirectory: String
    public var logLevel: String
    public var eligible: Bool
    public var mainsPower: Bool
    /// The grid zone that feeds the board, for its devices that name none.
    public var zone: String?
    public var broker: Broker
    public var transport: Listener
    public var frontDoor: Listener
    public var runner: Runner
    public var planner: Planner
    public var requests: Requests
    public var board: Board
    public var device: [Device]
    /// Figures of devices that the file leaves to be measured; what stands in their place is assumed.
    package var unstated: [DeviceID: Set<MeasurableFigure>] = [:]
    public var link: [PeerLink]
    public var emulation: Emulation

    public init(
        cluster: String = "default", node: NodeID, stateDirectory: String, logLevel: String = "info",
        eligible: Bool = true, mainsPower: Bool = true, zone: String? = nil, broker: Broker = Broker(),
        transport: Listener = Listener(),
        frontDoor: Listener = Listener(port: 8420), runner: Runner = Runner(), planner: Planner = Planner(),
        requests: Requests = Requests(), board: Board = Board(), device: [Device], link: [PeerLink] = [],
        emulation: Emulation = Emulation()
    ) {
        self.cluster = cluster
        self.node = node
        self.stateDirectory = stateDirectory
        self.logLevel = logLevel
        self.eligible = eligible
        self.mainsPower = mainsPower
        self.zone = zone
        self.broker = broker
        self.transport = transport
        self.frontDoor = frontDoor
        self.runner = runner
        self.planner = planner
        self.requests = requests
        self.board = board
        self.device = device
        self.link = link
        self.emulation = emulation
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let defaults = AgentConfiguration(node: "", stateDirectory: "/var/lib/lamella", device: [])
        func value<T: Decodable>(_ key: CodingKeys, _ fallback: T) throws -> T {
            try container.decodeIfPresent(T.self, forKey: key) ?? fallback
        }
        cluster = try value(.cluster, defaults.cluster)
        node = try value(.node, NodeID(HostName.current))
        stateDirectory = try value(.stateDirectory, defaults.stateDirectory)
        logLevel = try value(.logLevel, defaults.logLevel)
        eligible = try value(.eligible, defaults.eligible)
        mainsPower = try value(.mainsPower, defaults.mainsPower)
        zone = try container.decodeIfPresent(String.self, forKey: .zone)
        broker = try value(.broker, defaults.broker)
        transport = try value(.transport, Listener.Table()).filled(from: defaults.transport)
        frontDoor = try value(.frontDoor, Listener.Table()).filled(from: defaults.frontDoor)
        runner = try value(.runner, defaults.runner)
        planner = try value(.planner, defaults.planner)
        requests = try value(.requests, defaults.requests)
        board = try value(.board, defaults.board)
        let tables = try container.decode([DeviceTable].self, forKey: .device)
        device = tables.map(\.device)
        for table in tables where !table.unstated.isEmpty { unstated[table.device.id] = table.unstated }
        link = try value(.link, defaults.link)
        emulation = try value(.emulation, defaults.emulation)
    }

    enum CodingKeys: String, CodingKey {
        case cluster, node, eligible, zone, broker, transport, runner, planner, requests, board, device, link, emulation
        case stateDirectory = "state_dir"
        case logLevel = "log_level"
        case mainsPower = "mains_power"
        case frontDoor = "front_door"
    }
}
