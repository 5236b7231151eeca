import Costs
import ModelGraph
import Planning
import SharedPlanning
import Testing

/// A further board is never in the way.
@Suite struct LeavingOutTests {
    private static func best(_ problem: Problem, _ graph: ModelGraph) throws -> SharedSolution {
        try SharedSolution.best(problem, graph, layers: graph.layers(.layer), by: .unified)
    }

    /// Without board c.
    private static func without(_ problem: Problem) -> Problem {
        var problem = problem
        problem.devices.removeLast()
        problem.links.removeAll { $0.between.contains("c") }
        problem.constraints.maximumEnergy = []
        return problem
    }

    @Test(arguments: [100_000, 1_000_000])
    func `one with hardly any memory does not make the plan worse`(memoryBytes: Int) throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        var problem = try MadeUpProblems.problem(
            graph, flops: [3e9, 5e9, 2e9], bandwidthBytesPerS: 50e6, latencyS: 0.0002, memoryBytes: 5_000_000)
        problem.devices[2].memoryBytes = memoryBytes
        let three = try Self.best(problem, graph).plan
        let two = try Self.best(Self.without(problem), graph).plan
        #expect(three.latencyS <= two.latencyS * (1 + 1e-9))
        #expect(three.gap.map { $0 >= 0 } == true)
    }

    @Test func `one whose energy is limited is left idle where that is better`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        var problem = try MadeUpProblems.problem(
            graph, flops: [3e9, 2e9, 5e9], bandwidthBytesPerS: 50e6, latencyS: 0.0002)
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = 5
            problem.devices[index].idlePowerW = 2
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.001, downloadWPerMbitPerS: 0.001, baseW: 0.1)
        }
        problem.constraints.maximumEnergy = [.init(device: "c", energyJ: 0.001)]
        let three = try Self.best(problem, graph).plan
        let two = try Self.best(Self.without(problem), graph).plan
        #expect(two.sharesOperators)
        #expect(three.latencyS <= two.latencyS * (1 + 1e-9))
        #expect(!three.partakers.contains("c") && three.inputs.contains { $0.source.hasPrefix("left out: without it") })
    }

    @Test func `one that does not reach the others is left out, and named`() throws {
        let graph = try MadeUpProblems.graph("digits")
        var problem = try MadeUpProblems.problem(graph, flops: [1e8, 2e8, 1e8])
        problem.links.removeAll { $0.between == ["b", "c"] }
        let asked = try SharedProblem(problem)
        #expect(asked.devices.map(\.id) == ["a", "b"])
        #expect(asked.inputs.contains { $0.figure == "device c" && $0.source.contains("no link to b is known") })
        let solution = try Self.best(problem, graph)
        #expect(solution.plan.latencyS == (try Self.best(Self.without(problem), graph)).plan.latencyS)
    }
}
