import Costs
import ModelGraph
import Planning
import SharedPlanning
import SharingPlans
import Synchronization
import Testing

/// A further board is never in the way.
@Suite struct LeavingOutTests {
    private static func best(
        _ problem: Problem, _ graph: ModelGraph, budget: SharingBudget = .unlimited
    ) throws -> SharedSolution {
        var options = SharingOptions()
        options.budget = budget
        return try SharedSolution.best(problem, graph, layers: graph.layers(.layer), by: .unified, options: options)
    }

    /// Without board c.
    private static func without(_ problem: Problem) -> Problem {
        var problem = problem
        problem.devices.removeLast()
        problem.links.removeAll { $0.between.contains("c") }
        problem.constraints.maximumEnergy = []
        return problem
    }

    /// Board c, the fastest, may spend hardly anything.
    private static func limited(_ graph: ModelGraph) throws -> Problem {
        var problem = try MadeUpProblems.problem(
            graph, flops: [3e9, 2e9, 5e9], bandwidthBytesPerS: 50e6, latencyS: 0.0002)
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = 5
            problem.devices[index].idlePowerW = 2
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.001, downloadWPerMbitPerS: 0.001, baseW: 0.1)
        }
        problem.constraints.maximumEnergy = [.init(device: "c", energyJ: 0.001)]
        return problem
    }

    private static func leftOut(_ plan: Plan) -> [String] {
        plan.inputs.filter { $0.source.hasPrefix("left out: without it") }.map(\.figure)
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
        #expect(
            three.devices.allSatisfy { share in
                problem.devices.contains { $0.id == share.id && share.peakMemoryBytes <= $0.memoryBytes }
            })
    }

    @Test func `one whose energy is limited is left idle where that is better`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let problem = try Self.limited(graph)
        let solution = try Self.best(problem, graph)
        let three = solution.plan
        let two = try Self.best(Self.without(problem), graph).plan
        #expect(two.sharesOperators)
        #expect(abs(three.latencyS - two.latencyS) <= 1e-9 * two.latencyS)
        #expect(three.devices.allSatisfy { $0.id != "c" } && Self.leftOut(three) == ["device c"])
    }

    @Test func `the plan is priced and bounded among all boards`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        var problem = try Self.limited(graph)
        let solution = try Self.best(problem, graph)
        #expect(solution.problem.devices.map(\.id) == ["a", "b", "c"])
        let worth = try #require(
            try SharedProblem(problem).worth(of: solution.plan, solution.graph, layers: graph.layers(.layer)))
        #expect(abs(worth.value - solution.plan.latencyS) <= 1e-9 * worth.value)
        // What a board alone takes is said of every board, also of those that are left out.
        problem.constraints.maximumEnergy = [.init(device: "c", energyJ: 1e6)]
        let alone = try #require(try Self.best(problem, graph).plan.singleDevice)
        #expect(alone.device == "c")
        // Boards with the limit loosened reach what no plan with it is said to undercut.
        let bound = try #require(solution.plan.bound)
        #expect(bound <= (try Self.best(problem, graph)).plan.latencyS)
    }

    @Test func `nothing more is asked once less time is left than the first plan took`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let looks = Mutex(0)
        // Each look at the clock takes a millisecond, and the first search looks as long as it may.
        let budget = SharingBudget(timeS: 0.02) {
            looks.withLock {
                $0 += 1
                return .milliseconds($0)
            }
        }
        let plan = try Self.best(try Self.limited(graph), graph, budget: budget).plan
        #expect(Self.leftOut(plan).isEmpty)
        #expect(Self.leftOut(try Self.best(try Self.limited(graph), graph).plan) == ["device c"])
    }

    @Test func `another device of a board does not take the place of the one that is left out`() throws {
        let graph = try MadeUpProblems.graph("digits")
        var problem = try Self.limited(graph)
        problem.constraints.maximumEnergy = []
        problem.objective = .energy
        problem.devices[2].computePowerW = 100
        var other = problem.devices[2]
        other.id = "c-cpu"
        other.computePowerW = 0.02
        other.idlePowerW = 0.01
        other.flops /= 2
        problem.devices[2].node = "c"
        other.node = "c"
        problem.devices.append(other)
        problem.links += problem.links.filter { $0.between.contains("c") }.map { link in
            var link = link
            link.between = link.between.map { $0 == "c" ? "c-cpu" : $0 }
            return link
        }
        let solution = try Self.best(problem, graph)
        #expect(solution.problem.devices.map(\.id) == ["a", "b", "c"])
        #expect(!solution.plan.partakers.contains("c-cpu"))
        problem.devices.removeLast()
        problem.links.removeAll { $0.between.contains("c-cpu") }
        let without = try Self.best(problem, graph).plan
        #expect(solution.plan.value == without.value && solution.plan.bound == without.bound)
    }

    /// A plan's own clocks may be slow, and others are not.
    @Test func `what no plan undercuts does not depend on the clock of the plan that was found`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        var problem = try MadeUpProblems.problem(
            graph, flops: [3e9, 2e11], bandwidthBytesPerS: 100e6, latencyS: 0.0002, preprocessOperations: 4e8)
        problem.devices[0].operatingPoints = [
            OperatingPoint(frequencyHz: 6e8, flops: 1.5e9, computePowerW: 3),
            OperatingPoint(frequencyHz: 1.2e9, flops: 3e9, computePowerW: 20),
        ]
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = [20, 10][index]
            problem.devices[index].idlePowerW = 2
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.001, downloadWPerMbitPerS: 0.001, baseW: 0.1)
        }
        problem.constraints.maximumEnergy = [.init(device: "a", energyJ: 4)]
        let slow = try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .local).plan
        let fast = try Self.best(problem, graph).plan
        #expect(slow.devices.first { $0.id == "a" }?.frequencyHz == 6e8)
        #expect(fast.devices.first { $0.id == "a" }?.frequencyHz == 1.2e9)
        #expect(try #require(slow.bound) <= fast.latencyS && fast.latencyS < slow.latencyS / 2)
    }
}
