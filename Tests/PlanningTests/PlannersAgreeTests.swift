import Costs
import Planning
import TestKit
import Testing

/// What a planner says of a problem: the latency of its plan, or that there is none.
enum Verdict: Equatable {
    case plan(Plan)
    case infeasible

    static func of(_ planner: any Planner, _ problem: Problem) throws -> Verdict {
        do {
            return .plan(try planner.plan(problem))
        } catch PlanningError.infeasible {
            return .infeasible
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

@Suite struct PlannersAgreeTests {
    @Test(arguments: 0..<500)
    func `exact and brute force agree on a small random problem, and the verifier passes both`(seed: Int) throws {
        let problem = RandomProblem(
            layers: 3 + seed % 5, devices: 1 + seed % 4, memory: seed % 2 == 0 ? .tight : .loose
        ).make(seed: UInt64(seed))
        let exact = try Verdict.of(ExactPlanner(), problem)
        let brute = try Verdict.of(ExhaustivePlanner(), problem)
        #expect(exact.agrees(with: brute), "\(exact) against \(brute)")
        for case .plan(let plan) in [exact, brute] {
            #expect(Verifier.violations(of: plan, in: problem) == [])
            #expect(plan.gap == 0)
        }
    }

    @Test(arguments: 0..<20)
    func `both find a problem infeasible where all memories together are too small`(seed: Int) throws {
        let problem = RandomProblem(layers: 5, devices: 3, memory: .impossible).make(seed: UInt64(seed))
        #expect(try Verdict.of(ExactPlanner(), problem) == .infeasible)
        #expect(try Verdict.of(ExhaustivePlanner(), problem) == .infeasible)
    }
}
