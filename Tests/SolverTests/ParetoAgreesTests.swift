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

    /// Problems in which HiGHS gives a dearer plan than brute force finds for the same program.
    private static let lostByHighs: Set<Int> = [14]

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
        for point in exact.points {
            let others = Verifier.violations(of: point.plan, in: problem)
                .filter { $0.kind != .objective && $0.kind != .singleDevice }
            #expect(others == [])
        }
        // HiGHS 1.15.1 loses some solutions (ChainIntegerSolver). A point that it has not is a plan that the verifier
        // passed just now, so it is HiGHS that missed it; a point that it has and the exact front has not is a fault.
        for point in integer.points {
            let isThere = exact.points.contains {
                abs($0.x - point.x) <= 1e-6 * point.x && abs($0.y - point.y) <= 1e-6 * point.y
            }
            let isBeaten = exact.points.contains { $0.x <= point.x * (1 + 1e-6) && $0.y <= point.y * (1 + 1e-6) }
            #expect(isThere || (isBeaten && Self.lostByHighs.contains(seed)), "\(point.x), \(point.y)")
        }
        if !Self.lostByHighs.contains(seed) { #expect(exact.points.count == integer.points.count) }
    }
}
