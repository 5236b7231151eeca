import Board
import ChildProcesses
import Cluster
import Costs
import MQTT
import NIOCore
import NIOPosix

/// A whole cluster on this machine: a private broker and one agent process for each board of a scenario.
///
/// Each board has its own folder with its configuration, its state and its log. Speeds and links are emulated by the
/// boards' runners, as the scenario says. Used by `lamella up` and by the end-to-end tests.
public actor LocalCluster {
    /// A board and its process.
    public struct Board: Sendable {
        public var node: NodeID
        public var folder: String
        public var configuration: AgentConfiguration
        public var process: ChildProcess?

        public var configurationPath: String { "\(folder)/agent.toml" }
        public var logPath: String { "\(folder)/agent.log" }
    }

    public nonisolated let folder: String
    public nonisolated let name: String
    private let program: String
    private let group: any EventLoopGroup
    private var boards: [Board]
    private var broker: PrivateBroker

    /// Starts the broker and writes the boards' configurations; no agent runs yet.
    ///
    /// - Parameters:
    ///   - program: path of the `lamella` binary.
    ///   - folder: made if missing.
    ///   - ineligible: boards that may not lead.
    ///   - planner: how each board plans while it leads.
    public static func prepare(
        program: String, scenario: ClusterFile, folder: String, ineligible: Set<NodeID> = [],
        planner: AgentConfiguration.Planner = AgentConfiguration.Planner(), logLevel: String = "info"
    ) async throws -> LocalCluster {
        try await NIOThreadPool.singleton.runIfActive { try FileBytes.makeFolder(folder) }
        let broker = try await PrivateBroker.start(in: "\(folder)/broker")
        let boards = scenario.devices.map { device in
            var configuration = configuration(
                of: device, in: scenario, folder: "\(folder)/\(device.node)", brokerPort: broker.port,
                logLevel: logLevel)
            configuration.eligible = !ineligible.contains(device.node)
            configuration.planner = planner
            return Board(node: device.node, folder: "\(folder)/\(device.node)", configuration: configuration)
        }
        let cluster = LocalCluster(
            program: program, name: scenario.name, folder: folder, boards: boards, broker: broker)
        for board in boards { try await cluster.writeConfiguration(of: board) }
        return cluster
    }

    private init(program: String, name: String, folder: String, boards: [Board], broker: PrivateBroker) {
        self.program = program
        self.name = name
        self.folder = folder
        self.boards = boards
        self.broker = broker
        group = MultiThreadedEventLoopGroup.singleton
    }

    public var brokerPort: Int { broker.port }
    public var nodes: [NodeID] { boards.map(\.node) }

    public func board(_ node: NodeID) -> Board? { boards.first { $0.node == node } }

    public func startAll() async throws {
        for board in boards { try await start(board.node) }
    }

    /// Starts a board's agent, also again after it was killed: it finds its state.
    public func start(_ node: NodeID) async throws {
        guard let index = boards.firstIndex(where: { $0.node == node }) else { return }
        let board = boards[index]
        let process = try await ChildProcess.start(
            ChildOptions(
                program: program, arguments: ["agent", "--config", board.configurationPath],
                standardError: .file(board.logPath)),
            group: group)
        boards[index].process = process
        // Nobody reads what an agent prints, but a full pipe would stop it.
        Task { for await _ in process.events {} }
    }

    /// Sends a signal to a board's agent; 9 takes its runner with it.
    public func signal(_ node: NodeID, _ number: Int) {
        board(node)?.process?.send(signal: number)
    }

    /// Kills a board without notice and returns when it is gone.
    public func kill(_ node: NodeID) async {
        guard let index = boards.firstIndex(where: { $0.node == node }) else { return }
        boards[index].process?.send(signal: 9)
        _ = await boards[index].process?.waitForExit()
        boards[index].process = nil
    }

    /// Gives the link between two boards another bandwidth, as if the network had changed: nobody is told, the boards
    /// find out from their transfers.
    public func setBandwidth(between first: NodeID, _ second: NodeID, bytesPerS: Double) async throws {
        for (node, peer) in [(first, second), (second, first)] {
            guard let index = boards.firstIndex(where: { $0.node == node }) else { continue }
            for link in boards[index].configuration.emulation.link.indices
            where boards[index].configuration.emulation.link[link].peer == peer {
                boards[index].configuration.emulation.link[link].bandwidthBytesPerS = bytesPerS
            }
            try await writeConfiguration(of: boards[index])
            signal(node, 1)
        }
    }

    /// Stops the broker and starts it again on the same port with nothing retained.
    public func restartBroker() async throws { try await broker.restart() }

    /// An agent that is asked to stop lets its requests finish; one that takes longer than this is killed.
    private static let stopGrace: Duration = .seconds(20)

    /// Stops every agent, then the broker. Returns the boards that did not end with success, and how.
    @discardableResult
    public func stop() async -> [(node: NodeID, exit: ChildExit)] {
        let running = boards.compactMap { board in board.process.map { (board.node, $0) } }
        let exits = await withTaskGroup(of: (NodeID, ChildExit).self) { tasks in
            for (node, process) in running {
                tasks.addTask { (node, await process.terminate(grace: Self.stopGrace)) }
            }
            var exits: [(NodeID, ChildExit)] = []
            for await exit in tasks { exits.append(exit) }
            return exits
        }
        await broker.stop()
        for index in boards.indices { boards[index].process = nil }
        return exits.filter { $0.1 != .code(0) }.sorted { $0.0 < $1.0 }.map { (node: $0.0, exit: $0.1) }
    }

    private func writeConfiguration(of board: Board) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            try FileBytes.makeFolder(board.folder)
            try FileBytes.writeDurably(Array(try board.configuration.text().utf8), to: board.configurationPath)
        }
    }

    private static func configuration(
        of device: Device, in scenario: ClusterFile, folder: String, brokerPort: Int, logLevel: String
    ) -> AgentConfiguration {
        let links = scenario.links.compactMap { link -> AgentConfiguration.PeerLink? in
            guard let peer = link.between.first(where: { $0 != device.id }), link.between.contains(device.id) else {
                return nil
            }
            return AgentConfiguration.PeerLink(
                peer: NodeID(peer.name), bandwidthBytesPerS: link.bandwidthBytesPerS, latencyS: link.latencyS)
        }
        var device = device
        // Boards that share this machine have its memory; what each pretends to have is for weights.
        device.runtimeBytes = device.runtimeBytes ?? 0
        return AgentConfiguration(
            cluster: scenario.name, node: device.node, stateDirectory: "\(folder)/state", logLevel: logLevel,
            broker: .init(host: "127.0.0.1", port: brokerPort), transport: .init(host: "127.0.0.1"),
            frontDoor: .init(host: "127.0.0.1", port: 0), device: [device], link: links,
            emulation: .init(flops: device.flops, link: links))
    }
}
