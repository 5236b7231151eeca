import Agent
import Costs
import Foundation
import Glibc
import TestbedKit
import Testing

extension OnThisMachine {
    /// The clocks of boards follow the plans in force, and are put back.
    @Suite struct ClockTests {
        private static let policy = "/sys/devices/system/cpu/cpufreq/policy0"
        private static let clockFiles = ["scaling_governor", "scaling_max_freq", "scaling_min_freq"]

        private static func clock(_ board: TestbedBoard) throws -> [String] {
            try clockFiles.map { try board.read("\(policy)/\($0)") }
        }

        /// As the unit does after the agent, however it ended.
        private static func stopStep(_ board: TestbedBoard) async throws {
            let result = try await Beds.run(
                board,
                [
                    Beds.program, "board", "restore", "--state-dir", "\(board.folder)/state", "--root",
                    board.systemRoot,
                ])
            #expect(result.exit?.description == "exit code 0", "\(result)")
        }

        /// Least energy, so that a clock between the highest and the lowest may be best.
        private static let thrifty = AgentConfiguration.Planner(objective: .energy)

        @Test func `a plan's clocks are set at its commit and put back when the agent stops`() async throws {
            try await RunningBed.with(["pi"], planner: Self.thrifty) { running, plan in
                let pi = try running.bed.board("pi")
                let share = try #require(plan.plan.devices.first { $0.id == "pi" })
                let frequencyHz = try #require(share.frequencyHz)
                try await eventually("the clock is as planned") {
                    try pi.frequencyHz() == frequencyHz && Self.clock(pi)[0] == "performance\n"
                }
                let process = try #require(pi.agentProcess)
                process.send(signal: Int(SIGTERM))
                _ = await process.waitForExit()
                #expect(try Self.clock(pi) == Self.originals(pi))
            }
        }

        /// What the files say before any agent touched them: a fresh board of the same kind.
        private static func originals(_ board: TestbedBoard) throws -> [String] {
            let clock = board.hardware.processor
            let table = clock.points.map { Int($0.frequencyHz / 1000) }
            return ["\(clock.governor)\n", "\(table.max() ?? 0)\n", "\(table.min() ?? 0)\n"]
        }

        /// `LAMELLA_KILLS` makes it more of them.
        private static let kills = Int(ProcessInfo.processInfo.environment["LAMELLA_KILLS"] ?? "") ?? 8

        @Test func `whenever the agent is killed the unit's stop step leaves the clocks as they were`() async throws {
            try await RunningBed.with(["pi"], planner: Self.thrifty) { running, _ in
                let pi = try running.bed.board("pi")
                let originals = try Self.originals(pi)
                var generator = SeededGenerator(seed: 7)
                var changed = 0
                for kill in 0..<Self.kills {
                    try await pi.startAgent()
                    if kill == 0 {
                        // However slow the machine is, one kill finds changed clocks.
                        try await eventually("the clock is set") { try Self.clock(pi) != originals }
                    } else {
                        // Any moment: before the first look at the board, while clocks are set, after it.
                        let moment = Duration.milliseconds(Int.random(in: 0...3000, using: &generator))
                        try await Task.sleep(for: moment)
                    }
                    await pi.killAgent()
                    if try Self.clock(pi) != originals { changed += 1 }
                    try await Self.stopStep(pi)
                    #expect(try Self.clock(pi) == originals)
                }
                print("kills: \(Self.kills), clocks changed at \(changed) of them")
                #expect(changed > 0)
            }
        }

        /// From the start: a clock that stands where a plan wants it needs no write, and nothing would be refused.
        @Test func `a board whose clock cannot be set says so and serves on`() async throws {
            let node: NodeID = "server"
            try await RunningBed.with(
                ["pi", node], planner: Self.thrifty, before: { try $0.board(node).inject(.writeRefused) }
            ) { running, plan in
                // Whatever is best: its board has a part, and so a clock to set.
                try await running.pin(plan, to: "server")
                try await running.conditions(node, contain: "was not set to")
                try await running.ask(5)
                try running.bed.board(node).heal(.writeRefused)
            }
        }

        @Test func `a hot board is held back, says so, and loses no request`() async throws {
            try await RunningBed.with(["pi", "nano"]) { running, plan in
                #expect(plan.participants.contains("nano"))
                let nano = try running.bed.board("nano")
                let load = Task { try await running.ask(120, concurrency: 2) }
                nano.setAmbient(nano.hardware.thermal.passiveTripC + 5)
                nano.heat(to: nano.hardware.thermal.passiveTripC + 10)
                try await running.conditions("nano", contain: "where the kernel slows the board down")
                _ = try await running.bed.until("the nano to offer less") { known in
                    (known.board("nano")?.capabilities?.devices.first?.flops ?? 1e99) < 6e8
                }
                nano.setAmbient(20)
                nano.heat(to: 30)
                _ = try await load.value
            }
        }

        @Test func `a sensor that fails is named once and power is modelled or unknown, never zero`() async throws {
            try await RunningBed.with(["pi"], adjust: { $0.boards[0].powerSensor = .ina3221 }) { running, _ in
                let pi = try running.bed.board("pi")
                pi.inject(.sensorFails)
                try await running.conditions("pi", contain: "power is not measured")
                try await running.ask(3)
                pi.heal(.sensorFails)
                _ = try await running.bed.until("the sensor to be believed again") { known in
                    known.board("pi")?.capabilities.map { $0.conditions == nil } ?? false
                }
            }
        }
    }
}
