import Board
import ChildProcesses
import Glibc

/// How a runner came to its end without being asked to.
public struct RunnerLoss: Sendable, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// Its exit status, or why it could not be started.
        case ended(String)
        /// The kernel took it because memory was short; the limit in bytes, where there is one.
        case killedForMemory(limitBytes: Int?)
        /// It gave no sign of life and was killed.
        case silent(Duration)
    }

    public var cause: Cause

    public init(_ cause: Cause) { self.cause = cause }

    /// What follows "the runner".
    public var description: String {
        switch cause {
        case .ended(let reason): "ended with \(reason)"
        case .killedForMemory(let limitBytes?):
            "was killed for memory by the kernel: its control group may use \(limitBytes) bytes"
        case .killedForMemory(nil): "was killed for memory by the kernel: the board has no more"
        case .silent(let limit): "gave no sign of life for \(limit) and was killed"
        }
    }

    /// - Parameters:
    ///   - before: what the kernel counted when the runner was started.
    ///   - after: and when it was gone.
    package init(exit: ChildExit?, isSilent: Bool, before: MemoryControl, after: MemoryControl) {
        let wasKilled = exit == .signal(Int(SIGKILL))
        if isSilent {
            cause = .silent(RunnerPulse.period * RunnerPulse.maximumSilentLooks)
        } else if wasKilled, let now = after.kills, now > before.kills ?? now {
            cause = .killedForMemory(limitBytes: after.limitBytes)
        } else {
            cause = .ended(exit?.description ?? "no exit status")
        }
    }
}
