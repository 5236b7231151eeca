import Planning
import TestKit
import Testing

@Suite struct ChainSolverTests {
    /// Fails where the solver and brute force differ; true where there is a schedule.
    @discardableResult
    private func agrees(_ program: ChainProgram, budget: ChainSolver.Budget = .init()) -> Bool {
        let brute = ChainBruteForce().solve(program)
        let exact = ChainSolver().solve(program, budget: budget)
        switch (exact, brute) {
        case (.infeasible, .infeasible): return false
        case (.found(let schedule, let bound), .found(_, let least)):
            #expect(program.isFeasible(schedule))
            #expect(program.totals(schedule)?.objective == bound)
            #expect(abs(bound - least) <= 1e-9 * abs(least), "exact \(bound), brute force \(least)")
            return true
        default:
            Issue.record("exact \(exact), brute force \(brute)")
            return false
        }
    }

    @Test(arguments: 0..<1500)
    func `the solver and brute force agree on a small random program`(seed: Int) {
        agrees(RandomChainProgram.small(seed: seed).make(seed: UInt64(seed)))
    }

    @Test(arguments: 1500..<3000)
    func `they agree where so few labels are kept that all is left to branching`(seed: Int) {
        agrees(
            RandomChainProgram.small(seed: seed).make(seed: UInt64(seed)),
            budget: ChainSolver.Budget(maximumLabelBytes: 0))
    }

    @Test(arguments: 0..<600)
    func `they agree on equal devices of which each costs something by being used`(seed: Int) {
        var program = RandomChainProgram.small(seed: seed)
        program.devices = 3
        program.points = 1 + seed % 2
        program.objective = seed % 3 == 0 ? .carbon : .energy
        program.memory = seed % 4 < 2 ? .snug : .tight
        program.shared = seed % 5 == 0 ? .bottleneck(priced: true, limited: seed % 2 == 0) : .hold
        program.withPinnedEnds = seed % 7 < 4
        program.withEqualDevices = seed % 8 < 6
        agrees(program.make(seed: UInt64(seed)), budget: ChainSolver.Budget(maximumLabelBytes: 0))
    }

    @Test func `the same program gives the same schedule`() {
        let program = RandomChainProgram.small(seed: 7).make(seed: 7)
        #expect(ChainSolver().solve(program) == ChainSolver().solve(program))
    }
}
