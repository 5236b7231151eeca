import Agent
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// A model of 512 MB on boards of 300 MB, whose limit the kernel holds them to.
    @Suite struct LargeModelTests {
        static let boardBytes = 300_000_000
        /// What is left of a board for its agent, the planner and the kernel's buffers.
        static let offeredBytes = 240_000_000

        @Test func `boards run together what none of them can hold`() async throws {
            let clock = ContinuousClock()
            let start = clock.now
            try await RunningBed.with(
                ["pi", "potato", "nano", "server"],
                adjust: { scenario in
                    scenario.run.model = Files.path("Tests/Fixtures/large/vgg_wide.onnx")
                    scenario.run.weightsSeed = 1
                    scenario.run.input = nil
                    for index in scenario.boards.indices {
                        scenario.boards[index].cores = 0.4
                        scenario.boards[index].memoryBytes = Self.boardBytes
                    }
                    for index in scenario.cluster.devices.indices {
                        scenario.cluster.devices[index].memoryBytes = Self.offeredBytes
                        scenario.cluster.devices[index].flops = 5e9
                    }
                    for index in scenario.cluster.links.indices {
                        scenario.cluster.links[index].bandwidthBytesPerS = 50e6
                    }
                }
            ) { running, record in
                let plannedS = (clock.now - start).inSeconds
                let devices = record.plan.devices.filter { $0.flopsShare > 0 }
                #expect(record.model.weightBytes > Self.boardBytes)
                #expect(record.plan.singleDevice == nil)
                #expect(devices.count >= 3)
                for share in record.plan.devices { #expect(share.peakMemoryBytes <= Self.offeredBytes, "\(share.id)") }
                let latencies = try await running.ask(6)
                var text = "512 MB on boards of 300 MB: planned and loaded after \(plannedS) s, requests take "
                text += "\(RunningBed.median(latencies)) s;"
                for board in running.bed.boards {
                    #expect(try board.outOfMemoryKills() == 0, "\(board.node)")
                    #expect(try board.peakMemoryBytes() <= Self.boardBytes, "\(board.node)")
                    let share = record.plan.devices.first { $0.id.name == board.node.name }
                    let runner = board.processes(running: "runner").first
                    let peak = runner.flatMap { TestbedBoard.peakResidentBytes(of: $0) } ?? 0
                    text += " \(board.node) \((share?.peakMemoryBytes ?? 0) / 1_000_000) MB planned, "
                    text += "\(peak / 1_000_000) resident at most, \(board.peakMemoryUsedBytes / 1_000_000) "
                    text += "held by all processes without files;"
                }
                print(text)
            }
        }
    }
}
