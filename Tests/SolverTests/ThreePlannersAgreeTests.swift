import Costs
import Planning
import Solver
import TestKit
import Testing

/// What a planner says of a problem: a plan, or that there is none.
private enum Verdict: Equatable {
    case plan(Plan)
    case infeasible

    init(_ planner: any Planner, _ problem: Problem) throws {
        do {
            self = .plan(try planner.plan(problem))
        } catch PlanningError.infeasible {
            self = .infeasible
        }
    }

    func agrees(with other: Verdict) -> Bool {
        switch (self, other) {
        case (.infeasible, .infeasible): true
        case (.plan(let one), .plan(let two)): abs(one.latencyS - two.latencyS) <= 1e-9 * two.latencyS
        default: false
        }
    }
}

@Suite struct ThreePlannersAgreeTests {
    @Test(arguments: 0..<500)
    func `label setting, HiGHS and brute force agree on a small random problem`(seed: Int) throws {
        let problem = RandomProblem(
            layers: 3 + seed % 5, devices: 1 + seed % 4, memory: seed % 2 == 0 ? .tight : .loose
        ).make(seed: UInt64(1000 + seed))
        let exact = try Verdict(ExactPlanner(), problem)
        let integer = try Verdict(IntegerProgramPlanner(), problem)
        let brute = try Verdict(ExhaustivePlanner(), problem)
        #expect(exact.agrees(with: brute), "exact \(exact), brute force \(brute)")
        #expect(integer.agrees(with: brute), "HiGHS \(integer), brute force \(brute)")
        for case .plan(let plan) in [exact, integer, brute] {
            #expect(Verifier.violations(of: plan, in: problem) == [])
        }
    }

    @Test(arguments: 0..<20)
    func `all three find a problem infeasible where the memories together are too small`(seed: Int) throws {
        let problem = RandomProblem(layers: 5, devices: 3, memory: .impossible).make(seed: UInt64(seed))
        #expect(try Verdict(ExactPlanner(), problem) == .infeasible)
        #expect(try Verdict(IntegerProgramPlanner(), problem) == .infeasible)
        #expect(try Verdict(ExhaustivePlanner(), problem) == .infeasible)
    }
}
