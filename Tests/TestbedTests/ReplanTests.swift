import Agent
import Cluster
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// Real limits change under a running cluster.
    @Suite struct ReplanTests {
        @Test func `a link that falls tenfold moves the layers within seconds and loses no request`() async throws {
            try await RunningBed.with(
                ["pi", "server"], adjust: Self.sharedModel, model: "squeezenet1_1.onnx"
            ) { running, plan in
                #expect(plan.plan.layers.contains { $0.device == "server" })
                try await running.ask(30)
                let load = Task { try await running.ask(150) }
                let observer = Task {
                    try await running.bed.until("a plan that uses the link less") { known in
                        known.plan(RunningBed.model).map { $0.id != plan.id } ?? false
                    }
                }
                let clock = ContinuousClock()
                let start = clock.now
                try await running.bed.setLink("pi", "server", bytesPerS: 2e6 / 10)
                let known = try await observer.value
                let tookS = (clock.now - start).inSeconds
                let latencies = try await load.value
                let after = try await running.ask(30)
                let new = try #require(known.plan(RunningBed.model))
                print(
                    "link fell tenfold: new plan after \(tookS) s; predicted \(new.plan.latencyS) s, measured "
                        + "\(RunningBed.median(after)) s; \(latencies.count + 60) of \(latencies.count + 60) answered")
                #expect(new.reason.contains("link"))
                #expect(
                    new.plan.layers.filter { $0.device == "server" }.count
                        < plan.plan.layers.filter { $0.device == "server" }.count)
            }
        }

        /// The link is worth its use while it is fast: the source is slow.
        private static func sharedModel(_ scenario: inout Scenario) {
            for index in scenario.boards.indices {
                scenario.boards[index].cores = scenario.boards[index].node == "pi" ? 0.3 : 0.9
            }
            for index in scenario.cluster.links.indices { scenario.cluster.links[index].bandwidthBytesPerS = 2e6 }
            for index in scenario.cluster.devices.indices {
                let isSource = scenario.cluster.devices[index].id == "pi"
                scenario.cluster.devices[index].flops = isSource ? 2e9 : 8e9
            }
        }
    }
}
