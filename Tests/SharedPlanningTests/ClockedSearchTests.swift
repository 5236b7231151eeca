import Costs
import ModelGraph
import Planning
import SharedPlanning
import Sharing
import SharingPlans
import Testing

/// Shared plans of least energy or carbon: who computes what, and at which clock.
@Suite struct ClockedSearchTests {
    private static let systems: [SharingSystem] = [.local, .oneDimH, .oneDimC, .coEdge, .layerWise]

    /// Parts of the highest clock.
    private static let clocks = [0.4, 0.7, 1]

    /// Boards whose power grows faster than their speed.
    private static func problem(
        _ graph: ModelGraph, _ random: inout SeededGenerator, objective: Objective, devices: Int = 2,
        clocks: [Double] = clocks
    ) throws -> Problem {
        let speeds = (0..<devices).map { _ in Double.random(in: 5e7...4e8, using: &random) }
        var problem = try MadeUpProblems.problem(
            graph, flops: speeds, bandwidthBytesPerS: Double.random(in: 1e6...1e8, using: &random))
        for index in problem.devices.indices {
            let idleW = Double.random(in: 0.2...2, using: &random)
            let dynamicW = Double.random(in: 1...8, using: &random)
            problem.devices[index].operatingPoints = clocks.map { part in
                OperatingPoint(
                    frequencyHz: part * 1e9, flops: part * speeds[index],
                    computePowerW: idleW + dynamicW * part * part * part)
            }
            problem.devices[index].idlePowerW = idleW
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.005, downloadWPerMbitPerS: 0.003, baseW: 0.3)
            problem.devices[index].intensityGPerKwh = Double.random(in: 20...700, using: &random)
        }
        problem.objective = objective
        return problem
    }

    /// What a plan is worth at every combination of clocks of its devices.
    private static func worths(
        _ plan: Plan, _ solution: SharedSolution, _ graph: ModelGraph, clocks: [Double] = clocks
    ) -> [SharedProblem.Worth] {
        var plans = [plan]
        for index in plan.devices.indices {
            plans = plans.flatMap { plan in
                clocks.map { part in
                    var other = plan
                    other.devices[index].frequencyHz = part * 1e9
                    return other
                }
            }
        }
        return plans.compactMap { solution.problem.worth(of: $0, solution.graph, layers: graph.layers(.layer)) }
    }

    @Test(arguments: [Objective.energy, .carbon], UInt64(1)...12)
    func `no clocks of any plan that is known take less`(_ objective: Objective, _ seed: UInt64) throws {
        let graph = try MadeUpProblems.graph("digits")
        var random = SeededGenerator(seed: seed)
        let problem = try Self.problem(graph, &random, objective: objective, devices: seed % 3 == 0 ? 3 : 2)
        let layers = graph.layers(.layer)
        let chain = try ExactPlanner().plan(problem)
        let solution = try SharedSolution(problem, graph, layers: layers, by: .unified, chain: chain)
        let value = try #require(solution.plan.value)
        #expect(solution.plan.objective == objective)
        let own = try #require(solution.problem.worth(of: solution.plan, solution.graph, layers: layers))
        #expect(abs(own.value / value - 1) < 1e-9 && abs(own.latencyS / solution.plan.latencyS - 1) < 1e-9)
        var known = [solution.plan, chain]
        for system in Self.systems {
            var fast = problem
            fast.objective = .latency
            known.append(try SharedSolution(fast, graph, layers: layers, by: system).plan)
        }
        for plan in known {
            let worths = Self.worths(plan, solution, graph)
            #expect(!worths.isEmpty)
            for worth in worths { #expect(value <= worth.value * (1 + 1e-9), "\(plan.planner)") }
        }
        #expect(try #require(solution.plan.bound) <= value)
        let single = try #require(solution.plan.singleDevice)
        #expect(value <= single.value * (1 + 1e-9))
    }

    @Test(arguments: UInt64(1)...8)
    func `a limit of latency is kept at least energy, and costs some of it`(_ seed: UInt64) throws {
        let graph = try MadeUpProblems.graph("digits")
        let layers = graph.layers(.layer)
        var random = SeededGenerator(seed: 100 + seed)
        var problem = try Self.problem(graph, &random, objective: .latency)
        let fastest = try SharedSolution(problem, graph, layers: layers, by: .unified).plan
        problem.objective = .energy
        let free = try SharedSolution(problem, graph, layers: layers, by: .unified).plan
        problem.constraints.maximumLatencyS = fastest.latencyS * 1.1
        let solution = try SharedSolution(problem, graph, layers: layers, by: .unified)
        let limited = solution.plan
        #expect(limited.latencyS <= fastest.latencyS * 1.1)
        let energies = try [free, limited, fastest].map { try #require($0.energyJ) }
        #expect(energies[0] <= energies[1] * (1 + 1e-9) && energies[1] <= energies[2] * (1 + 1e-9))
        for worth in Self.worths(fastest, solution, graph) { #expect(energies[1] <= worth.value * (1 + 1e-9)) }
    }

    @Test func `a device that nobody counts bounds nothing, and its power need not be known`() throws {
        let graph = try MadeUpProblems.graph("digits")
        var random = SeededGenerator(seed: 5)
        var problem = try Self.problem(graph, &random, objective: .energy)
        problem.energyScope = .edge
        problem.devices[1].deviceClass = .cloud
        problem.devices[1].operatingPoints = nil
        problem.devices[1].computePowerW = nil
        let plan = try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .unified).plan
        #expect(plan.bound == 0 && plan.gap == 1)
        let energyJ = try #require(plan.energyJ)
        #expect(energyJ > 0)
    }

    @Test func `limits of energy and carbon are kept, or said to be too small`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let layers = graph.layers(.layer)
        var random = SeededGenerator(seed: 7)
        var problem = try Self.problem(graph, &random, objective: .latency)
        let free = try SharedSolution(problem, graph, layers: layers, by: .unified).plan
        let carbonG = try #require(free.carbonG)
        problem.constraints.maximumCarbonG = carbonG * 0.95
        let cleaner = try SharedSolution(problem, graph, layers: layers, by: .unified).plan
        #expect(try #require(cleaner.carbonG) <= carbonG * 0.95)
        #expect(cleaner.latencyS >= free.latencyS)
        problem.constraints.maximumCarbonG = carbonG * 1e-3
        #expect(throws: PlanningError.self) {
            try SharedSolution(problem, graph, layers: layers, by: .unified)
        }
        problem.constraints.maximumCarbonG = nil
        problem.constraints.maximumEnergy = [.init(device: "a", energyJ: 1e-9)]
        #expect(throws: PlanningError.self) {
            try SharedSolution(problem, graph, layers: layers, by: .unified)
        }
    }

    @Test func `more combinations of clocks than can all be priced are searched one device at a time`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let layers = graph.layers(.layer)
        var random = SeededGenerator(seed: 3)
        let clocks = [0.2, 0.4, 0.6, 0.8, 1]
        let problem = try Self.problem(graph, &random, objective: .energy, devices: 4, clocks: clocks)
        let solution = try SharedSolution(problem, graph, layers: layers, by: .oneDimH)
        let worths = Self.worths(solution.plan, solution, graph, clocks: clocks)
        #expect(worths.count == 625)
        let value = try #require(solution.plan.value)
        let best = try #require(worths.map(\.value).min())
        #expect(value <= best * 1.01)
    }
}
