import Agent
import ChildProcesses
import Glibc
import TestbedKit
import Testing

extension OnThisMachine {
    /// Files of a board that never answer cost the cluster the board's figures, not the board.
    @Suite struct SilentBoardTests {
        @Test func `a board whose files never answer joins, plans, answers, and says what is unknown`() async throws {
            try await RunningBed.with(["pi"], before: { try $0.board("pi").inject(.hangs) }) { running, _ in
                let pi = try running.bed.board("pi")
                try await running.ask(5)
                try await running.conditions("pi", contain: "have not answered for")
                pi.heal(.hangs)
                _ = try await running.bed.until("the files to answer again") { known in
                    known.board("pi")?.capabilities.map { $0.conditions == nil } ?? false
                }
                try await running.ask(5)
            }
        }

        @Test func `a board whose files stop to answer still stops when it is asked to`() async throws {
            try await RunningBed.with(["pi"]) { running, _ in
                let pi = try running.bed.board("pi")
                try await running.ask(2)
                pi.inject(.hangs)
                let process = try #require(pi.agentProcess)
                process.send(signal: Int(SIGTERM))
                #expect(await process.waitForExit() == .code(0))
                pi.heal(.hangs)
            }
        }
    }
}
