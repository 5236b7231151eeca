import Agent
import Board
import ChildProcesses
import Cluster
import Costs
import Glibc
import MQTT
import NIOPosix

/// Virtual boards on this machine with real limits, and real agents on them.
///
/// Each board has a network namespace whose links are shaped, a control group that holds its CPU time and memory, and
/// `sys` and `proc` of its own. Needs root on Linux. Everything that it makes carries its process's id; what a killed
/// process left is removed at the next start.
public actor Testbed {
    public nonisolated let scenario: Scenario
    /// Everything that is on disk: one folder for each board.
    public nonisolated let folder: String
    public nonisolated let broker: BrokerAddress
    public nonisolated let boards: [TestbedBoard]
    /// What beds of dead processes had left and this one removed.
    public nonisolated let removedLeftovers: [String]
    public nonisolated var clusterName: String { scenario.cluster.name }

    private let lock: BedLock
    private let places: ControlGroupPlaces
    private let network: BoardNetwork
    private let mosquitto: BedBroker
    private let sampler: BoardSampler
    private let keepsFolder: Bool
    nonisolated let program: String
    private var isStopped = false

    /// Why no bed can run here, in one sentence; nil where one can.
    public static var obstacle: String? {
        if geteuid() != 0 { return "virtual boards need root: namespaces, control groups and FUSE" }
        for program in ["ip", "tc", "nsenter", "mosquitto"] where SystemCommand.find(program) == nil {
            return "virtual boards need the program '\(program)', which is not installed"
        }
        if access("/dev/fuse", R_OK | W_OK) != 0 { return "virtual boards need /dev/fuse; load the module fuse" }
        do {
            _ = try ControlGroupPlaces.ofThisMachine()
        } catch { return error.description }
        return nil
    }

    /// Brings the boards up: network, limits, files, broker. No agent runs yet.
    ///
    /// - Throws: one sentence: what the scenario lacks, or which command failed and why.
    public static func prepare(_ scenario: Scenario, options: TestbedOptions) async throws -> Testbed {
        if let obstacle { throw TestbedError(obstacle) }
        if let fault = scenario.firstFault { throw TestbedError("the scenario cannot run: \(fault)") }
        guard access(options.program, X_OK) == 0 else {
            throw TestbedError("the agent's program \(options.program) cannot be run; build it, or name another")
        }
        let places = try ControlGroupPlaces.ofThisMachine()
        let (lock, removed) = try await NIOThreadPool.singleton.runIfActive { try BedLock.take(places: places) }
        let network = try BoardNetwork(lock.name, boards: scenario.boards.map(\.node.name))
        do {
            return try await build(
                scenario, options: options, lock: lock, removed: removed, network: network, places: places)
        } catch {
            // All that there is belongs to this bed's name.
            await network.remove()
            await removeRest(lock.name, places: places, keepsFolder: false)
            throw error
        }
    }

    /// `prepare`, then every agent.
    public static func start(_ scenario: Scenario, options: TestbedOptions) async throws -> Testbed {
        let bed = try await prepare(scenario, options: options)
        do {
            for board in bed.boards { try await board.startAgent() }
        } catch {
            await bed.stop()
            throw error
        }
        return bed
    }

    private init(
        scenario: Scenario, options: TestbedOptions, boards: [TestbedBoard], removed: [String], lock: BedLock,
        places: ControlGroupPlaces, network: BoardNetwork, mosquitto: BedBroker, sampler: BoardSampler
    ) {
        self.scenario = scenario
        self.boards = boards
        self.lock = lock
        self.places = places
        self.network = network
        self.mosquitto = mosquitto
        self.sampler = sampler
        removedLeftovers = removed
        keepsFolder = options.keepsFolder
        program = options.program
        folder = lock.name.folder
        broker = mosquitto.address
    }

    private static func build(
        _ scenario: Scenario, options: TestbedOptions, lock: BedLock, removed: [String], network: BoardNetwork,
        places: ControlGroupPlaces
    ) async throws -> Testbed {
        let name = lock.name
        let broker = BrokerAddressOfBed(host: network.brokerAddress, port: BrokerAddress.standardPort)
        try await network.create()
        try await shape(scenario, network)
        let boards = try await NIOThreadPool.singleton.runIfActive {
            try FileBytes.makeFolder(name.folder)
            try ControlGroup.makeParent(name.text, places: places)
            return try scenario.boards.map { board in
                try make(board, of: scenario, options: options, network: network, places: places, broker: broker)
            }
        }
        do {
            let group = try ControlGroup("\(name.text)/broker", places: places)
            let mosquitto = try await BedBroker.start(host: broker.host, folder: name.folder, group: group)
            let sampler = try BoardSampler(boards.map(\.sampled))
            return Testbed(
                scenario: scenario, options: options, boards: boards, removed: removed, lock: lock, places: places,
                network: network, mosquitto: mosquitto, sampler: sampler)
        } catch {
            boards.forEach { $0.unmount() }
            throw error
        }
    }

    private static func shape(_ scenario: Scenario, _ network: BoardNetwork) async throws {
        for link in scenario.cluster.links {
            let ends = link.between.compactMap { id in scenario.cluster.devices.first { $0.id == id } }
            guard ends.count == 2 else { continue }
            for (sender, receiver) in [(ends[0], ends[1]), (ends[1], ends[0])] {
                try await network.addLink(
                    from: sender.node.name, to: receiver.node.name,
                    bytesPerS: Scenario.rate(of: link, from: sender.id))
            }
        }
        guard let rate = scenario.run.controlBandwidthBytesPerS else { return }
        for board in scenario.boards { try await network.addControl(from: board.node.name, bytesPerS: rate) }
    }

    /// Makes one board's group, files and configuration. Blocks.
    private static func make(
        _ board: Scenario.VirtualBoard, of scenario: Scenario, options: TestbedOptions, network: BoardNetwork,
        places: ControlGroupPlaces, broker: BrokerAddressOfBed
    ) throws -> TestbedBoard {
        let node = board.node.name
        let hardware = board.hardware
        let folder = "\(network.name.folder)/\(node)"
        let mountPoint = "\(folder)/system"
        try FileBytes.makeFolder(folder)
        try FileBytes.makeFolder(mountPoint)
        let group = try ControlGroup("\(network.name.text)/\(node)", places: places)
        let host = try BoardHost(VirtualBoard(hardware, bootID: BootID.random()), group: group)
        let files = try BoardFileSystem(host, at: mountPoint)
        let configuration = try scenario.configuration(
            of: board, folder: folder, systemRoot: options.tellsSystemRoot ? mountPoint : nil,
            address: try network.address(of: node), broker: broker, planner: options.planner,
            logLevel: options.logLevel)
        let text = options.extraConfiguration + (try configuration.text())
        try FileBytes.writeDurably(Array(text.utf8), to: "\(folder)/agent.toml")
        return TestbedBoard(
            node: board.node, hardware: hardware, address: try network.address(of: node), folder: folder,
            namespace: network.namespace(of: node), program: options.program, host: host, files: files)
    }

    /// - Throws: `TestbedError` naming the boards that there are.
    public nonisolated func board(_ node: NodeID) throws -> TestbedBoard {
        guard let board = boards.first(where: { $0.node == node }) else {
            throw TestbedError(
                "there is no board '\(node)'; the boards are \(boards.map(\.node.name).joined(separator: ", "))")
        }
        return board
    }

    /// Gives both directions of a link a rate in payload bytes/s, at once. Nobody is told.
    public func setLink(_ first: NodeID, _ second: NodeID, bytesPerS: Double) async throws {
        guard scenario.link(between: first, second) != nil else {
            throw TestbedError("no link joins \(first) and \(second) in the scenario; add one")
        }
        try await network.setLink(from: first.name, to: second.name, bytesPerS: bytesPerS)
        try await network.setLink(from: second.name, to: first.name, bytesPerS: bytesPerS)
    }

    /// An agent that is asked to stop lets its requests finish; one that takes longer than this is killed.
    private static let stopGrace: Duration = .seconds(20)

    /// Stops agents and broker, and removes everything. Returns the boards whose agent did not end with success, and
    /// how. Safe to call again.
    @discardableResult
    public func stop() async -> [(node: NodeID, exit: ChildExit)] {
        guard !isStopped else { return [] }
        isStopped = true
        let exits = await withTaskGroup(of: (NodeID, ChildExit?).self) { tasks in
            for board in boards { tasks.addTask { (board.node, await board.stopAgent(grace: Self.stopGrace)) } }
            var exits: [(node: NodeID, exit: ChildExit)] = []
            for await (node, exit) in tasks { if let exit, exit != .code(0) { exits.append((node, exit)) } }
            return exits
        }
        await mosquitto.stop()
        sampler.stop()
        boards.forEach { $0.unmount() }
        await network.remove()
        await Self.removeRest(lock.name, places: places, keepsFolder: keepsFolder)
        return exits.sorted { $0.node < $1.node }
    }

    /// Removes groups and files of a bed whose network is gone.
    private static func removeRest(_ name: BedName, places: ControlGroupPlaces, keepsFolder: Bool) async {
        _ = try? await NIOThreadPool.singleton.runIfActive {
            ControlGroup.remove(name.text, places: places)
            if !keepsFolder { KernelFile.removeFolder(name.folder) }
        }
    }
}

/// Ids that look like the kernel's.
enum BootID {
    static func random() -> String {
        var digits = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }
        for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
        return digits.joined()
    }
}
