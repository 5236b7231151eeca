import Costs
import Planning
import TestKit
import Testing

/// The exact solver and brute force on problems with everything that can be asked.
@Suite struct ProblemsAgreeTests {
    private static func outcome(_ problem: Problem, _ solver: any ChainProgramSolving) throws -> Plan? {
        do {
            return try ChainProblemPlanner(name: "test", solver: solver).plan(problem) { .zero }
        } catch PlanningError.infeasible(let sentence) {
            #expect(!sentence.isEmpty)
            return nil
        }
    }

    @Test(arguments: 0..<300)
    func `label setting and brute force agree, and the verifier with both`(seed: Int) throws {
        let problem = try ProblemProgramTests.problem(seed)
        let exact = try Self.outcome(problem, ChainSolver())
        let brute = try Self.outcome(problem, ChainBruteForce())
        switch (exact, brute) {
        case (nil, nil): break
        case (let exact?, let brute?):
            let one = try #require(exact.value)
            let other = try #require(brute.value)
            #expect(abs(one - other) <= 1e-9 * max(other, 1e-12), "exact \(one), brute force \(other)")
            #expect(exact.gap ?? 1 <= 1e-9)
            #expect(Verifier.violations(of: exact, in: problem) == [])
            #expect(Verifier.violations(of: brute, in: problem) == [])
        default: Issue.record("exact \(exact != nil ? "has" : "has no") plan, brute force the other way")
        }
    }
}
