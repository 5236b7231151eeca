import Costs
import Planning
import Solver
import TestKit
import Testing

@Suite struct PlannerCatalogTests {
    @Test(arguments: PlannerCatalog.Name.allCases)
    func `a planner signs its plans with the name it has in the catalogue`(name: PlannerCatalog.Name) throws {
        var problem = HandMadeProblem.make()
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = 5
            problem.devices[index].idlePowerW = 1
            problem.devices[index].transferPower = .wifi
        }
        problem.objective = name == .cadi ? .energy : .latency
        let plan = try PlannerCatalog.planner(name).plan(problem)
        #expect(plan.planner == name.rawValue)
        #expect(!name.summary.isEmpty)
        #expect(Verifier.violations(of: plan, in: problem).isEmpty)
    }

    @Test(arguments: 1...6)
    func `when the time is up the best plan so far is given with its gap`(seed: UInt64) throws {
        var random = RandomServiceProblem(layers: 30, devices: 5, memory: .tight)
        random.points = 4
        random.objective = .energy
        random.limit = .latency
        random.weights = .everyInference
        let problem = try random.make(seed: seed)
        let outcome = Result { () throws(PlanningError) in
            try PlannerCatalog.planner(.exact, budget: .init(timeS: 1e-6)).plan(problem)
        }
        switch outcome {
        case .success(let plan):
            #expect(Verifier.violations(of: plan, in: problem).isEmpty)
            #expect(plan.gap ?? -1 >= 0)
        case .failure(.infeasible):
            // A proof takes no time where the first relaxation has no plan.
            #expect(throws: PlanningError.self) { try PlannerCatalog.planner(.exact).plan(problem) }
        case .failure(let error): #expect(error.description.contains("give it more time"))
        }
    }
}
