import Agent
import TestbedKit
import Testing

extension OnThisMachine {
    @Suite struct RealClusterTests {
        @Test func `what a zone emits is said retained`() async throws {
            try await Beds.with(1) { bed in
                try await bed.perform(.carbon(zone: "CY", intensityGPerKwh: 480, validS: 60))
                // Whoever comes later hears it.
                let lines = try await SystemCommand.run([
                    "mosquitto_sub", "-h", bed.broker.host, "-C", "1", "-W", "20", "-t", "lamella/v1/+/zone/CY/carbon",
                ])
                #expect(lines.contains { $0.contains("\"intensity_g_per_kwh\":480") }, "\(lines)")
            }
        }

        @Test func `agents on virtual boards share a model and answer every request`() async throws {
            var scenario = try Scenario.load(Files.path("Tests/Testbed/Scenarios/link.toml"))
            scenario.events = []
            let bed = try await Testbed.start(
                scenario, options: TestbedOptions(program: Beds.program))
            do {
                try await bed.untilBoardsAreUp()
                let plan = try await bed.addModel(path: try await bed.modelFile(), name: "digits")
                #expect(plan.participants.contains("pi"))
                let input = try #require(scenario.run.input)
                let inputs = try ModelInputs.load(model: "", input: input)
                let client = InferenceClient(
                    endpoint: try bed.source().frontDoor, model: "digits", concurrency: 2)
                let outcomes = await client.run(Array(inputs.prefix(40)))
                for outcome in outcomes { _ = try outcome.result.get() }
                for board in bed.boards {
                    #expect(try board.cpuSeconds() > 0, "\(board.node)")
                    #expect(board.energyJ() > 0 && board.problem == nil, "\(board.node)")
                    #expect(try board.outOfMemoryKills() == 0, "\(board.node)")
                    #expect(!board.processes(running: "runner").isEmpty, "\(board.node)")
                }
                // The agent stays a member where its runner is killed, and starts another.
                let server = try bed.board("server")
                let runner = try #require(server.processes(running: "runner").first)
                try await server.act(.killRunner)
                let again = await client.run(Array(inputs.prefix(20)))
                for outcome in again { _ = try outcome.result.get() }
                #expect(!server.processes(running: "runner").contains(runner))
            } catch {
                await bed.stop()
                throw error
            }
            let unclean = await bed.stop()
            #expect(unclean.isEmpty, "\(unclean)")
        }
    }
}
