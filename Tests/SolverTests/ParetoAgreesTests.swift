import Costs
import Planning
import Solver
import TestKit
import Testing

/// The front by the exact solver and the front by repeated solves on HiGHS.
@Suite struct ParetoAgreesTests {
    private static func front(_ problem: Problem, _ solver: any ChainProgramSolving) throws -> ParetoFront? {
        let planner = ChainProblemPlanner(name: "test", solver: solver)
        do {
            return try ParetoFront(problem, .latency, .energy) { asked throws(PlanningError) in
                try planner.plan(asked) { .zero }
            }
        } catch PlanningError.infeasible {
            return nil
        }
    }

    @Test(arguments: 0..<50)
    func `both find the same points`(seed: Int) throws {
        var random = RandomServiceProblem(
            layers: 4 + seed % 6, devices: 2 + seed % 3, memory: seed % 2 == 0 ? .tight : .loose)
        random.points = 1 + seed % 3
        random.objective = .energy
        random.weights = seed % 4 == 0 ? .resident : .everyInference
        let problem = try random.make(seed: UInt64(7000 + seed))
        let exact = try Self.front(problem, ChainSolver())
        let integer = try Self.front(problem, ChainIntegerSolver())
        #expect((exact == nil) == (integer == nil))
        guard let exact, let integer else { return }
        #expect(exact.isComplete)
        #expect(exact.points.count == integer.points.count)
        for (one, other) in zip(exact.points, integer.points) {
            #expect(abs(one.x - other.x) <= 1e-6 * other.x, "\(one.x) and \(other.x)")
            #expect(abs(one.y - other.y) <= 1e-6 * other.y, "\(one.y) and \(other.y)")
            #expect(
                Verifier.violations(of: one.plan, in: problem).filter {
                    $0.kind != .objective && $0.kind != .singleDevice
                } == [])
        }
    }
}
