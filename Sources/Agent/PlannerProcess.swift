import Board
import ChildProcesses
import Costs
import JSON
import NIOCore

/// A solve in its own process: `lamella plan --problem - --json`.
///
/// A solver that runs too long or dies costs a plan, never the board's membership.
struct PlannerProcess: Sendable {
    var program: String
    var planner: String
    var sharingPlanner: String
    var timeS: Double
    var memoryBytes: Int
    var group: any EventLoopGroup

    /// - Parameter sharing: may operators be shared, and the file of the graph that has them (nil: they may not).
    /// - Throws: ``PlannerProcessError``, also when the task is cancelled or the time is over.
    func plan(
        _ problem: Problem, sharing: (choice: SharingChoice, graphFile: String)? = nil
    ) async throws -> Plan {
        let shared =
            sharing.map {
                [
                    "--sharing", $0.choice.rawValue, "--sharing-planner", sharingPlanner, "--graph", $0.graphFile,
                ]
            } ?? []
        let input = Array(try JSON.encode(problem).utf8)
        let options = ChildOptions(
            program: program,
            arguments: [
                "plan", "--problem", "-", "--planner", planner, "--json", "--time-limit", "\(timeS)",
                "--memory-limit", "\(memoryBytes)",
            ] + shared,
            niceLevel: Self.niceLevel, outOfMemoryScore: Self.outOfMemoryScore,
            memoryLimitBytes: memoryBytes + Self.baseBytes, standardError: .lines)
        let child = try await ChildProcess.start(options, group: group)
        let patienceS = Self.patienceS(timeS)
        let limit = group.next().scheduleTask(in: .milliseconds(Int64(patienceS * 1000))) {
            child.send(signal: 9)
        }
        defer { limit.cancel() }
        return try await withTaskCancellationHandler {
            // A planner that refuses the problem may end before it has read all of it: its own words say more than
            // the broken pipe does.
            try? await child.send(bytes: input)
            child.closeInput()
            var output: [UInt8] = []
            var errors: [String] = []
            var exit = ChildExit.code(-1)
            for await event in child.events {
                switch event {
                case .line(let line): output += line + [UInt8(ascii: "\n")]
                case .errorLine(let line):
                    if errors.count < Self.maximumErrorLines { errors.append(String(decoding: line, as: UTF8.self)) }
                case .lineTooLong(let limitBytes):
                    throw PlannerProcessError("the planner wrote a line of more than \(limitBytes) bytes")
                case .outputEnded: break
                case .exited(let status): exit = status
                }
            }
            switch exit {
            case .code(0):
                return try JSON.decode(Plan.self, from: output, limits: .document)
            case .signal(9):
                throw PlannerProcessError(
                    "the planner did not finish within \(patienceS) s and was stopped; its budget is \(timeS) s and "
                        + "\(memoryBytes) bytes")
            case .signal:
                throw PlannerProcessError(
                    "the planner ended with \(exit); if its budget of \(memoryBytes) bytes is too small, raise "
                        + "planner.memory_bytes")
            default:
                let words = errors.joined(separator: " ")
                throw PlannerProcessError(
                    words.isEmpty ? "the planner ended with \(exit)" : words,
                    isInfeasible: exit == .code(Self.infeasibleExitCode))
            }
        } onCancel: {
            child.send(signal: 9)
        }
    }

    /// Everything else that a board does comes first.
    static let niceLevel = 15
    /// The first that the kernel takes where memory ends.
    static let outOfMemoryScore = 800
    /// What the process takes besides its search: stacks, the problem, the plan. With 32 MiB even a small solve hangs
    /// where an allocation fails; with 48 MiB it ends well.
    static let baseBytes = 128 << 20

    /// A search ends by itself at its time; then it still has to price and print its plan.
    static func patienceS(_ timeS: Double) -> Double { timeS * 1.5 + 5 }

    /// What `lamella plan` ends with where no assignment satisfies the problem.
    static let infeasibleExitCode = 3
    private static let maximumErrorLines = 20
}

/// Why a solve gave no plan, in one sentence.
struct PlannerProcessError: Error, CustomStringConvertible {
    var description: String
    /// No plan exists: another solve of the same problem would find none either.
    var isInfeasible: Bool

    init(_ description: String, isInfeasible: Bool = false) {
        self.description = description
        self.isInfeasible = isInfeasible
    }
}
