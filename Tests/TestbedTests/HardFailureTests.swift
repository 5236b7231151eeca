import Agent
import Cluster
import Costs
import Foundation
import Glibc
import TestbedKit
import Testing

extension OnThisMachine {
    /// A full disk, a runner that the kernel kills, one that stands still: what people are told, and what becomes of
    /// requests.
    @Suite struct HardFailureTests {
        private static let model = "squeezenet1_1.onnx"
        /// Enough work to be worth a way over the network also where boards have learned how fast they are.
        private static let heavyModel = "googlenet.onnx"

        /// Most of the work is worth sending to the server, which never leads.
        private static func shared(_ scenario: inout Scenario) {
            let cores: [NodeID: Double] = ["pi": 0.3, "nano": 0.4, "server": 0.8]
            let flops: [DeviceID: Double] = ["pi": 1e9, "nano": 1e9, "server": 8e9]
            for index in scenario.boards.indices {
                scenario.boards[index].cores = cores[scenario.boards[index].node]
                scenario.boards[index].eligible = scenario.boards[index].node == "nano"
                if scenario.boards[index].node == "server" { scenario.boards[index].memoryBytes = 300_000_000 }
            }
            for index in scenario.cluster.devices.indices {
                scenario.cluster.devices[index].flops = flops[scenario.cluster.devices[index].id] ?? 1e9
            }
        }

        /// Hardly any plan is so much better, whatever the boards measure: the one that is lost is the first one.
        private static let steady = AgentConfiguration.Planner(margin: 0.99)

        private static func serverPeakBytes(_ record: PlanRecord?) -> Int {
            record?.plan.devices.first { $0.id == "server" }?.peakMemoryBytes ?? 0
        }

        private static func serverLayers(_ record: PlanRecord?) -> Int {
            record?.plan.layers.count { $0.device == "server" } ?? 0
        }

        /// How many requests were answered; each of the others must say why not.
        private func answeredOrNamed(_ outcomes: [InferenceClient.Outcome]) -> Int {
            var answered = 0
            for outcome in outcomes {
                switch outcome.result {
                case .success: answered += 1
                case .failure(let error): #expect("\(error)".contains("model \(RunningBed.model)"), "\(error)")
                }
            }
            return answered
        }

        private func send(_ count: Int, _ running: RunningBed) async throws -> [InferenceClient.Outcome] {
            let client = InferenceClient(
                endpoint: try running.bed.source().frontDoor, model: RunningBed.model, concurrency: 2,
                deadline: .seconds(60))
            return await client.run((0..<count).map { running.inputs[$0 % running.inputs.count] })
        }

        // MARK: A full disk

        /// That the server has its part is asked for: what the boards measure of each other by then is not the matter.
        @Test func `a full disk is named with what to do, requests go on, and there are plans again with room`()
            async throws
        {
            try await RunningBed.with(
                ["pi", "nano", "server"], adjust: Self.shared, model: Self.model,
                before: { try $0.board("server").setDisk(bytes: 64 << 20) }
            ) { running, plan in
                let server = try running.bed.board("server")
                try await running.pin(plan, to: "server")
                _ = try await running.bed.until("a plan that the server has a part in") { known in
                    known.plan(RunningBed.model).map { $0.goal?.pins != nil && Self.serverLayers($0) > 0 } ?? false
                }
                let process = try #require(server.agentProcess)
                try server.fillDisk()
                let load = Task { try await running.ask(60) }
                let refusal = await running.event(
                    [.refused], of: "second", contain: "the disk is full; free some space there")
                // The same file again.
                let second = try await running.bed.addModel(
                    path: "\(running.bed.folder)/model/\(Self.model)", name: "second")
                try await running.pin(second, to: "server")
                #expect(!second.participants.contains("server"))
                let refused = try await refusal.value
                #expect(refused.reason.contains("\(server.stateDirectory)/"), "\(refused.reason)")
                try await running.conditions("server", contain: "the disk is full; free some space there")
                #expect(try await load.value.count == 60)
                #expect(process.exit == nil)
                let again = await running.event(nil, of: "second", contain: "what was out of order is in order again")
                server.freeDisk()
                let known = try await running.bed.until("the server to be used by the second model") { known in
                    known.plan("second")?.participants.contains("server") ?? false
                        && known.board("server")?.capabilities?.conditions == nil
                }
                let noticed = try await again.value
                print("full disk: \(refused.reason); with room again: \(noticed.reason)")
                #expect(Self.serverLayers(known.plan("second")) > 0)
                #expect(process.exit == nil && server.agentProcess?.processID == process.processID)
            }
        }

        @Test func `weights that find no room are refused by name, and fetched when there is some`() async throws {
            try await RunningBed.with(
                ["pi", "nano", "server"], adjust: Self.shared, model: Self.model,
                before: { try $0.board("server").setDisk(bytes: 2 << 20) }
            ) { running, plan in
                let server = try running.bed.board("server")
                // Its part of the weights has more than the disk.
                #expect(!plan.participants.contains("server"), "\(plan.plan.layers.map(\.device))")
                try await running.conditions("server", contain: "the disk is full; free some space there")
                try await running.ask(5)
                try server.setDisk(bytes: 64 << 20)
                _ = try await running.bed.until("the server to be used") { known in
                    known.plan(RunningBed.model)?.participants.contains("server") ?? false
                        && known.board("server")?.capabilities?.conditions == nil
                }
                try await running.ask(5)
            }
        }

        @Test func `an agent that starts on a full disk waits for room, and then sets the clock`() async throws {
            try await RunningBed.with(
                ["pi"], planner: .init(objective: .energy),
                before: { try $0.board("pi").setDisk(bytes: 16 << 20) }
            ) { running, plan in
                let pi = try running.bed.board("pi")
                await pi.killAgent()
                let result = try await Beds.run(
                    pi, [Beds.program, "board", "restore", "--state-dir", pi.stateDirectory, "--root", pi.systemRoot])
                #expect(result.exit == .code(0), "\(result)")
                try pi.fillDisk()
                try await pi.startAgent()
                // It cannot even say that it has started again: nothing is promised, and it does not die.
                try await eventually("the log names the disk") {
                    try String(contentsOfLog: pi).contains("the disk is full; free some space there")
                }
                let process = try #require(pi.agentProcess)
                pi.freeDisk()
                // What the broker remembers of the time before does not count.
                _ = try await running.bed.until("the board to be back") { known in
                    known.board("pi")?.state == .online && known.plan(RunningBed.model).map { $0.id > plan.id } ?? false
                        && known.board("pi")?.capabilities?.conditions == nil
                }
                try await running.ask(3)
                #expect(process.exit == nil)
                try await eventually("the clock is set") {
                    try pi.read("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor") == "performance\n"
                }
            }
        }

        // MARK: Memory

        /// Takes memory until the kernel has killed the board's runner for it, and keeps what it has. It lies in a file
        /// that nobody maps: the board is charged for it, and no process is larger for it, so that the kernel has
        /// nothing better to kill than the runner, whatever rights there are. Where the runner's memory is not free yet
        /// when the kernel looks again, this one is next, and not the agent.
        private static func eater(besides runner: Int) -> [String] {
            let script = """
                import os, sys, time
                with open('/proc/self/oom_score_adj', 'w') as score:
                    score.write('300')
                def lives():
                    try:
                        with open('/proc/\(runner)/stat') as file:
                            return file.read().rpartition(')')[2].split()[0] not in 'ZX'
                    except OSError:
                        return False
                held = os.memfd_create('held')
                while lives():
                    os.write(held, b'x' * (1 << 18))
                    time.sleep(0.001)
                sys.stdin.read()
                """
            return ["/usr/bin/python3", "-c", script]
        }

        @Test func `a runner that the kernel kills for memory is named so, and its board asked for less`()
            async throws
        {
            try await RunningBed.with(
                ["pi", "nano", "server"], adjust: Self.shared, planner: Self.steady, model: Self.heavyModel
            ) { running, inForce in
                let server = try running.bed.board("server")
                #expect(Self.serverLayers(inForce) > 0)
                try await running.ask(5)
                let load = Task { try await send(40, running) }
                let lost = await running.event([.lost], contain: "board server")
                let runner = try #require(server.processes(running: "runner").first)
                // The kernel holds a group to whole pages.
                let pageBytes = sysconf(Int32(_SC_PAGESIZE))
                let limitBytes = server.hardware.memoryBytes / pageBytes * pageBytes
                let command = Self.eater(besides: runner)
                let eater = try await server.start(command[0], Array(command.dropFirst()))
                let reason = try await lost.value.reason
                #expect(reason.contains("was killed for memory by the kernel"), "\(reason)")
                #expect(reason.contains("\(limitBytes) bytes"), "\(reason)")
                try await running.conditions("server", contain: "killed for memory")
                let known = try await running.bed.until("a plan that asks less of the server") { known in
                    known.plan(RunningBed.model).map { $0.id > inForce.id } ?? false
                }
                let offered = known.board("server")?.capabilities?.devices.first?.memoryBytes ?? 0
                let before = Self.serverPeakBytes(inForce)
                let after = Self.serverPeakBytes(known.plan(RunningBed.model))
                #expect(offered < before && after <= offered, "offered \(offered), before \(before), after \(after)")
                let outcomes = try await load.value
                let answered = answeredOrNamed(outcomes)
                try await running.ask(5)
                print(
                    "killed for memory \(try server.outOfMemoryKills()) times: \(reason); the server had \(before) "
                        + "bytes, offers \(offered), has \(after); \(answered) of \(outcomes.count) answered, the "
                        + "rest by name")
                eater.closeInput()
                _ = await eater.terminate()
            }
        }

        // MARK: A runner that stands still

        @Test(arguments: [NodeID("server"), NodeID("pi")])
        func `a runner that stands still is killed within seconds, and its requests run again`(_ node: NodeID)
            async throws
        {
            try await RunningBed.with(
                ["pi", "nano", "server"], adjust: Self.shared, planner: Self.steady, model: Self.heavyModel
            ) { running, plan in
                #expect(plan.participants.contains(node))
                let board = try running.bed.board(node)
                let runner = try #require(board.processes(running: "runner").first)
                try await running.ask(5)
                let load = Task { try await send(40, running) }
                let lost = await running.event([.lost], contain: "gave no sign of life for 10.0 seconds and was killed")
                let start = ContinuousClock.now
                try await board.act(.stopRunner)
                let event = try await lost.value
                let noticed = ContinuousClock.now - start
                _ = try await running.bed.until("another plan") { known in
                    known.plan(RunningBed.model).map { $0.id > plan.id } ?? false
                        && known.board(node)?.state == .online
                }
                let outcomes = try await load.value
                let answered = answeredOrNamed(outcomes)
                #expect(answered == outcomes.count)
                #expect(!board.processes(running: "runner").contains(runner))
                print(
                    "stopped runner of \(node): \(event.reason), told after \(noticed); \(answered) of "
                        + "\(outcomes.count) answered")
            }
        }
    }
}

extension String {
    /// What a board's agent wrote so far.
    fileprivate init(contentsOfLog board: TestbedBoard) throws {
        self = try String(contentsOfFile: board.logPath, encoding: .utf8)
    }
}
