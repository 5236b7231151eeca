import Agent
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// A model of 512 MB on boards of 300 MB, whose limit the kernel holds them to.
    @Suite struct LargeModelTests {
        static let tight = TightBoards(boardBytes: 300_000_000, offeredBytes: 240_000_000)

        @Test func `boards run together what none of them can hold`() async throws {
            let clock = ContinuousClock()
            let start = clock.now
            try await RunningBed.with(
                TightBoards.names,
                adjust: { scenario in
                    scenario.run.model = Files.path("Tests/Fixtures/large/vgg_wide.onnx")
                    scenario.run.weightsSeed = 1
                    scenario.run.input = nil
                    Self.tight.apply(to: &scenario)
                }
            ) { running, record in
                let plannedS = (clock.now - start).inSeconds
                let devices = record.plan.devices.filter { $0.flopsShare > 0 }
                #expect(record.plan.singleDevice == nil)
                #expect(devices.count >= 3)
                let latencies = try await running.ask(6)
                print(
                    "512 MB on boards of 300 MB: planned and loaded after \(plannedS) s, requests take "
                        + "\(RunningBed.median(latencies)) s; \(try Self.tight.expectKept(by: running, record))")
            }
        }
    }
}
