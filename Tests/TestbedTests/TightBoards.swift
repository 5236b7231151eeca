import Cluster
import Costs
import TestbedKit
import Testing

/// Four boards whose memory the kernel holds them to, and what is left of it for models.
struct TightBoards {
    static let names: [NodeID] = ["pi", "potato", "nano", "server"]

    let boardBytes: Int
    /// The rest is for the agent, the planner and the kernel's buffers.
    let offeredBytes: Int

    func apply(to scenario: inout Scenario) {
        for index in scenario.boards.indices {
            scenario.boards[index].cores = 0.4
            scenario.boards[index].memoryBytes = boardBytes
        }
        for index in scenario.cluster.devices.indices {
            scenario.cluster.devices[index].memoryBytes = offeredBytes
            scenario.cluster.devices[index].flops = 5e9
        }
        for index in scenario.cluster.links.indices {
            scenario.cluster.links[index].bandwidthBytesPerS = 50e6
        }
    }

    /// Expects that plan and boards kept their limits.
    ///
    /// - Returns: a line that says what each board was planned to hold, and held at most.
    func expectKept(by running: RunningBed, _ record: PlanRecord) throws -> String {
        #expect(record.model.weightBytes > boardBytes)
        for share in record.plan.devices { #expect(share.peakMemoryBytes <= offeredBytes, "\(share.id)") }
        return try running.bed.boards.map { board throws in
            #expect(try board.outOfMemoryKills() == 0, "\(board.node)")
            #expect(try board.peakMemoryBytes() <= boardBytes, "\(board.node)")
            let share = record.plan.devices.first { $0.id.name == board.node.name }
            let runner = board.processes(running: "runner").first
            let peak = runner.flatMap { TestbedBoard.peakResidentBytes(of: $0) } ?? 0
            return "\(board.node) \((share?.peakMemoryBytes ?? 0) / 1_000_000) MB planned, "
                + "\(peak / 1_000_000) resident at most, \(board.peakMemoryUsedBytes / 1_000_000) "
                + "held by all processes without files"
        }.joined(separator: "; ")
    }
}
