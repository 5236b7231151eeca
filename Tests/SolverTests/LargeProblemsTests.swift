import Costs
import Planning
import Solver
import TestKit
import Testing

@Suite struct LargeProblemsTests {
    @Test(arguments: 0..<60)
    func `label setting and HiGHS agree on 35 operators and 6 devices`(seed: Int) throws {
        let memory: RandomProblem.Memory = [.tight, .loose, .tight, .packed][seed % 4]
        let problem = RandomProblem(layers: 35, devices: 6, memory: memory).make(seed: UInt64(seed))
        let exact = Result { try ExactPlanner().plan(problem) }
        let integer = Result { try IntegerProgramPlanner().plan(problem) }
        switch (exact, integer) {
        case (.success(let one), .success(let two)):
            #expect(one.gap == 0)
            #expect(abs(one.latencyS - two.latencyS) <= 1e-9 * two.latencyS, "\(one.latencyS) and \(two.latencyS)")
            #expect(Verifier.violations(of: one, in: problem) == [])
            #expect(Verifier.violations(of: two, in: problem) == [])
        case (.failure(let one as PlanningError), .failure(let two as PlanningError)):
            #expect(one == two)
        default:
            Issue.record("\(exact) and \(integer)")
        }
    }
}
