import Agent
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// An operator whose weights no board can hold, on boards whose limit the kernel holds them to.
    @Suite struct SharedLargeOperatorTests {
        /// AlexNet's largest operator has 151 MB of weights, all together 244.
        static let largestOperatorBytes = 9216 * 4096 * 4
        static let offeredBytes = 140_000_000
        /// What an agent, the planner and the kernel's buffers need comes on top.
        static let boardBytes = 210_000_000

        @Test func `boards share an operator that none of them can hold`() async throws {
            try #require(Self.largestOperatorBytes > Self.offeredBytes)
            try await RunningBed.with(
                ["pi", "potato", "nano", "server"],
                adjust: { scenario in
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
                }, planner: .init(sharing: .on), model: "alexnet.onnx"
            ) { running, record in
                let sharing = try #require(record.plan.sharing)
                #expect(sharing.devices.count >= 2)
                #expect(record.model.weightBytes > Self.boardBytes)
                for share in record.plan.devices { #expect(share.peakMemoryBytes <= Self.offeredBytes, "\(share.id)") }
                let latencies = try await running.ask(6)
                var text = "an operator of 151 MB on boards that offer 140: requests take "
                text += "\(RunningBed.median(latencies)) s, predicted \(record.plan.latencyS) s;"
                for board in running.bed.boards {
                    #expect(try board.outOfMemoryKills() == 0, "\(board.node)")
                    #expect(try board.peakMemoryBytes() <= Self.boardBytes, "\(board.node)")
                    let share = record.plan.devices.first { $0.id.name == board.node.name }
                    let runner = board.processes(running: "runner").first
                    let peak = runner.flatMap { TestbedBoard.peakResidentBytes(of: $0) } ?? 0
                    text += " \(board.node) \((share?.peakMemoryBytes ?? 0) / 1_000_000) MB planned, "
                    text += "\(peak / 1_000_000) resident at most;"
                }
                print(text)
            }
        }
    }
}
