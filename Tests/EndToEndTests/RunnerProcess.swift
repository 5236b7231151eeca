import ChildProcesses
import Cluster
import Costs
import JSON
import NIOPosix
import Runtime
import TestKit

/// A `lamella runner` as its agent starts it, driven by a test.
struct RunnerProcess: Sendable {
    /// What the runner has said, for whoever waits for something of it.
    actor Reports {
        private var reports: [RunnerReport] = []
        private var isOver = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func add(_ report: RunnerReport?) {
            if let report { reports.append(report) } else { isOver = true }
            waiters.forEach { $0.resume() }
            waiters = []
        }

        /// The first report that fits, now or later.
        func first<Value: Sendable>(_ fits: @Sendable (RunnerReport) throws -> Value?) async throws -> Value {
            var seen = 0
            while true {
                for report in reports[seen...] {
                    if let value = try fits(report) { return value }
                }
                seen = reports.count
                if isOver { throw TransportError("the runner ended") }
                await withCheckedContinuation { waiters.append($0) }
            }
        }
    }

    let node: NodeID
    let process: ChildProcess
    let reports = Reports()
    private let reading: Task<Void, Never>

    static func start(_ node: NodeID, in folder: String) async throws -> RunnerProcess {
        let process = try await ChildProcess.start(
            ChildOptions(
                program: Repository.program,
                arguments: ["runner", "--node", node.name, "--state-directory", "\(folder)/\(node.name)"],
                standardError: .file("\(folder)/\(node.name).log")),
            group: MultiThreadedEventLoopGroup.singleton)
        return RunnerProcess(node: node, process: process)
    }

    private init(node: NodeID, process: ChildProcess) {
        self.node = node
        self.process = process
        let reports = reports
        reading = Task {
            for await event in process.events {
                guard case .line(let line) = event else { continue }
                if let report = try? JSON.decode(RunnerReport.self, from: line, limits: .document) {
                    await reports.add(report)
                }
            }
            await reports.add(nil)
        }
    }

    func send(_ command: RunnerCommand) async throws {
        try await process.send(line: Array(try JSON.encode(command).utf8))
    }

    /// Where the runner listens, once it does.
    func endpoint() async throws -> Endpoint {
        try await reports.first { report in
            if case .started(let started) = report { Endpoint(host: "127.0.0.1", port: started.port) } else { nil }
        }
    }

    /// Returns once the plan is loaded; throws the reason why it is not.
    func ready(_ plan: PlanID) async throws -> RunnerReport.Ready {
        try await reports.first { report in
            switch report {
            case .ready(let ready) where ready.plan == plan: return ready
            case .refused(let refused) where refused.plan == plan: throw TransportError(refused.reason)
            default: return nil
            }
        }
    }

    func stop() async {
        process.closeInput()
        _ = await process.terminate(grace: .seconds(5))
        await reading.value
    }
}
