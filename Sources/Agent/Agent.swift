import Board
import Cluster
import Costs
import JSON
import Logging
import MQTT
import NIOCore
import NIOPosix
import Runtime

/// One board's control plane: feeds what happens to the cluster's state machine and carries out its effects.
///
/// The agent decides nothing itself and never blocks on a solve or a model load: these run in `lamella plan` and
/// `lamella runner`, which it starts as children.
public actor Agent {
    let program: String
    let configurationPath: String
    let logger: Logger
    let logLevel: LogLevel
    let group: any EventLoopGroup
    let mailbox = AgentMailbox()
    let notifier: ServiceNotifier

    var configuration: AgentConfiguration
    var member: ClusterMember
    let stateFile: StateFile
    let models: ModelLibrary
    let desk: RequestDesk
    var links: LinkTable
    let keeper: BoardKeeper
    private let boardGroup: MultiThreadedEventLoopGroup
    /// The devices as they can be planned with now, and what is out of order on the board.
    var offered: [Device]
    var conditions: [String] = []
    /// What the agent itself finds out of order.
    var ownConditions = BoardConditions()
    var memoryOffer = MemoryOffer()
    let turns: TurnWatch
    var boardPlans = BoardPlans()
    var paces = PaceBook()
    /// What messages of shared plans take.
    var messages = WaitBook()
    /// What requests take here beside their layers.
    var requestCosts = WaitBook()
    var shelf: ProfileShelf
    /// Graphs whose profiles were looked for since they came.
    var profileLooks: Set<String> = []
    var energies = EnergyLedger()
    var idlePower = IdlePower()
    var boardSpeed: BoardSpeed?
    var speedTask: Task<Void, Never>?

    var client: MQTTClient?
    var runner: RunnerSupervisor?
    var frontDoor: FrontDoor?
    var runnerEndpoint: Endpoint?
    var frontDoorEndpoint: Endpoint?
    var knownPeers: [PeerAddress] = []
    /// False from the runner's death until its successor listens; what it is to do waits meanwhile.
    var runnerListens = false
    /// Plans to prepare once the runner listens, in order.
    var waitingPreparations: [PrepareRequest] = []
    /// When each missing graph was last asked for.
    var graphRequests: [String: Duration] = [:]
    var missingSubscriptions: Set<String> = []
    var solves: [SolveToken: Task<Void, Never>] = [:]
    var wake: Scheduled<Void>?
    /// Waits for the open requests after a stop was asked for.
    var settling: Task<Void, Never>?
    var stopping = false
    var promises = UnkeptPromises()
    var lastTick: Duration = .zero
    /// Bytes that the disk had left when weights found no room; nil: they do.
    var roomWhenFull: Int?
    var lastMetrics: Duration = .zero
    var lastWatchdog: Duration = .zero

    /// - Parameters:
    ///   - program: path of this binary, which is also runner and planner.
    ///   - profilesFolder: with the boards' profiles; nil: there are none.
    /// - Throws: where the configuration or the kept state cannot be used: one clear sentence.
    public static func make(
        program: String, configurationPath: String, profilesFolder: String? = nil
    ) async throws -> Agent {
        let configuration = try await NIOThreadPool.singleton.runIfActive {
            let configuration = try AgentConfiguration.load(configurationPath)
            try FileBytes.makeFolder(configuration.stateDirectory)
            return configuration
        }
        let stored = try await StateFile(directory: configuration.stateDirectory).load()
        return try Agent(
            program: program, configurationPath: configurationPath, profilesFolder: profilesFolder,
            configuration: configuration, stored: stored)
    }

    private init(
        program: String, configurationPath: String, profilesFolder: String?, configuration: AgentConfiguration,
        stored: StoredState
    ) throws {
        self.program = program
        self.configurationPath = configurationPath
        self.configuration = configuration
        logLevel = LogLevel(configuration.logLevel)
        logger = logLevel.logger(label: "lamella.agent")
        let group = MultiThreadedEventLoopGroup.singleton
        self.group = group
        turns = TurnWatch { [logger] sentence in logger.warning("\(sentence)") }
        notifier = ServiceNotifier()
        stateFile = StateFile(directory: configuration.stateDirectory)
        shelf = ProfileShelf(folder: ProfileShelf.folder(stateDirectory: configuration.stateDirectory))
        links = LinkTable(configured: configuration.link)
        // Files of the kernel may block; nothing else runs on this thread.
        boardGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        offered = configuration.placedDevices
        keeper = BoardKeeper(
            settings: configuration.board, devices: configuration.placedDevices,
            stateDirectory: configuration.stateDirectory, profilesFolder: profilesFolder, loop: boardGroup.next(),
            announce: { [mailbox] in mailbox.post(.boardNews) })
        let store = try WeightStore(
            directory: RunnerOptions(node: configuration.node, stateDirectory: configuration.stateDirectory)
                .weightsDirectory)
        models = ModelLibrary(store: store, granularity: .layer)
        desk = RequestDesk(
            node: configuration.node, devices: configuration.device.map(\.id), host: configuration.transport.host,
            models: models,
            deadline: .seconds(configuration.requests.deadlineS), group: group, logger: logger,
            deliver: { [mailbox] event in mailbox.post(event) })
        var settings = ClusterSettings()
        let planning = configuration.planner.settings
        settings.policy.margin = planning.margin
        settings.policy.carbonMargin = planning.carbonMargin
        settings.policy.dwell = planning.dwell
        settings.policy.switchesPerWindow = planning.switchesPerWindow
        settings.policy.switchWindow = planning.switchWindow
        settings.plans.solveTimeout = planning.solveTimeout
        settings.goal = planning.goal
        var generator = SystemRandomNumberGenerator()
        let own = NodeCapabilities(
            node: configuration.node, version: 0, devices: configuration.placedDevices,
            mainsPower: configuration.mainsPower,
            freeMemoryBytes: 0, eligible: configuration.eligible)
        member = ClusterMember(
            capabilities: own, settings: settings, stored: stored, seed: generator.next(), now: MonotonicTime.now)
    }
}
