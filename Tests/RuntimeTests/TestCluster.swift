import Cluster
import Costs
import Logging
import ModelGraph
import NIOCore
import NIOPosix
import Runtime
import Testing

/// Runners in this process that know each other, each with a folder of its own; the first board has the client.
final class TestCluster: Sendable {
    struct Board: Sendable {
        let node: NodeID
        let folder: String
        let runner: Runner
        let reports: Events<RunnerReport>

        /// Waits for what becomes of a plan: its ready report, or the reason why it is refused.
        func outcome(of plan: PlanID) async -> Result<RunnerReport.Ready, TransportError> {
            await reports.first { report in
                switch report {
                case .ready(let ready) where ready.plan == plan: .success(ready)
                case .refused(let refused) where refused.plan == plan: .failure(TransportError(refused.reason))
                default: nil
                }
            }
        }
    }

    let boards: [Board]
    let client: TransportClient
    let answers = Events<TransportClient.Event>()

    init(
        _ names: [NodeID], in folder: String, limits: TransportLimits = .init(), reportIntervalS: Double = 0.05,
        configure: (NodeID, inout RunnerConfiguration) -> Void = { _, _ in }
    ) async throws {
        var boards: [Board] = []
        for name in names {
            boards.append(
                try await Self.start(name, in: folder, limits: limits, reportIntervalS: reportIntervalS))
        }
        self.boards = boards
        let answers = answers
        client = try await TransportClient.connect(
            to: boards[0].runner.endpoint, node: names[0], group: MultiThreadedEventLoopGroup.singleton
        ) { answers.add($0) }
        let peers = boards.map { PeerAddress(node: $0.node, endpoint: $0.runner.endpoint) }
        for board in boards {
            var configuration = RunnerConfiguration(peers: peers)
            configure(board.node, &configuration)
            board.runner.handle(.configure(configuration))
        }
    }

    static func start(
        _ name: NodeID, in folder: String, limits: TransportLimits = .init(), reportIntervalS: Double = 0.05
    ) async throws -> Board {
        let reports = Events<RunnerReport>()
        let own = "\(folder)/\(name)"
        let runner = try await Runner.start(
            RunnerOptions(node: name, stateDirectory: own, limits: limits, reportIntervalS: reportIntervalS),
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { reports.add($0) }
        return Board(node: name, folder: own, runner: runner, reports: reports)
    }

    func board(_ name: NodeID) throws -> Board { try #require(boards.first { $0.node == name }) }

    /// Prepares a plan on every board and commits it.
    func bring(_ record: PlanRecord) async throws {
        let placements = boards.map { DevicePlacement(device: DeviceID($0.node.name), node: $0.node) }
        for board in boards {
            board.runner.handle(.prepare(.init(record: record, placements: placements)))
        }
        for board in boards { _ = try await board.outcome(of: record.id).get() }
        let reference = PlanReference(plan: record.id, model: record.model.name)
        for board in boards { board.runner.handle(.commit(reference)) }
    }

    /// Sends one request and waits for its answer.
    func infer(_ key: RequestKey, model: String, _ tensor: Tensor) async -> TransportClient.Event {
        client.submit(key, model: model, tensor: tensor)
        return await answers.first { event in
            switch event {
            case .result(key, _), .refused(key, _, _), .closed: event
            default: nil
            }
        }
    }

    func stop() async {
        client.close()
        for board in boards { await board.runner.stop() }
    }
}
