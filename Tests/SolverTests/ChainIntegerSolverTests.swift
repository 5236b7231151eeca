import Planning
import Solver
import TestKit
import Testing

@Suite struct ChainIntegerSolverTests {
    @Test(arguments: 0..<1000)
    func `HiGHS and brute force agree on a small random program`(seed: Int) throws {
        let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
        let brute = ChainBruteForce().solve(program)
        let integer = try ChainIntegerSolver().solve(program)
        switch (brute, integer) {
        case (.infeasible, .infeasible): break
        case (.found(_, let least), .found(let schedule, let bound)):
            #expect(program.isFeasible(schedule))
            #expect(abs(bound - least) <= 1e-9 * least, "HiGHS \(bound), brute force \(least)")
            #expect(program.totals(schedule)?.objective == bound)
        default: Issue.record("HiGHS \(integer), brute force \(brute)")
        }
    }
}
