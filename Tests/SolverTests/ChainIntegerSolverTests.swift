import Planning
import Solver
import TestKit
import Testing

@Suite struct ChainIntegerSolverTests {
    @Test(arguments: 0..<500)
    func `HiGHS and brute force agree on a small random program`(seed: Int) throws {
        let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
        let integer = try ChainIntegerSolver().solve(program)
        let verdict = ChainVerdict(integer, ChainBruteForce().solve(program), of: program)
        #expect(verdict == .same || verdict == .bothInfeasible)
        if case .found(let schedule, let bound) = integer { #expect(program.totals(schedule)?.objective == bound) }
    }

    // HiGHS's presolve lost the best schedule, or all, of these while `x` was continuous or tolerances narrower.
    @Test(arguments: [2427, 2673, 3071, 4011, 4992, 5549, 6247, 6743, 6750, 7382, 7421, 7700, 8988, 9007, 9103, 9280])
    func `presolve keeps the best schedule`(seed: Int) throws {
        let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
        let brute = ChainBruteForce().solve(program)
        #expect(ChainVerdict(try ChainIntegerSolver().solve(program), brute, of: program) == .same)
    }

    // As above, while `z` was continuous.
    @Test func `presolve keeps the only schedules of a packed program`() throws {
        let program = RandomChainKind.bundlesOfAny.make(seed: 243)
        let exact = ChainSolver().solve(program)
        #expect(ChainVerdict(try ChainIntegerSolver().solve(program), exact, of: program) == .same)
    }

    @Test func `a pure path problem is integral without integers`() throws {
        for seed in 0..<20 {
            let program = RandomChainProgram(layers: 12, devices: 4).make(seed: UInt64(seed))
            let integer = ChainIntegerProgram(program)
            var relaxed = LinearProgram()
            for column in integer.linear.columns {
                relaxed.addColumn(column.name, cost: column.cost, lower: column.lower, upper: column.upper)
            }
            for row in integer.linear.rows {
                relaxed.addRow(
                    row.name, lower: row.lower, upper: row.upper, row.terms.map { ($0.column, $0.coefficient) })
            }
            guard case .optimal(let solution) = try HighsSolver().solve(relaxed) else {
                Issue.record("seed \(seed) has no solution")
                continue
            }
            #expect(solution.values.allSatisfy { abs($0 - $0.rounded()) < 1e-6 })
            let schedule = try #require(integer.schedule(of: solution))
            let objective = try #require(program.totals(schedule)?.objective)
            #expect(abs(objective - solution.objective * integer.objectivePerUnit) <= 1e-9 * objective)
        }
    }

    @Test func `a forbidden schedule is not found again, and the next best is`() throws {
        let program = RandomChainProgram(layers: 6, devices: 3).make(seed: 2)
        let integer = ChainIntegerProgram(program)
        guard case .optimal(let first) = try HighsSolver().solve(integer.linear),
            let schedule = integer.schedule(of: first)
        else {
            Issue.record("the program was chosen to be feasible")
            return
        }
        switch try HighsSolver().solve(integer.forbidding(schedule).linear) {
        case .optimal(let second):
            #expect(integer.schedule(of: second) != schedule)
            #expect(second.objective >= first.objective * (1 - 1e-9))
        case .infeasible: break
        default: Issue.record("neither solved nor proved to have no other")
        }
    }

    @Test func `where the time ends first there is no proof`() throws {
        let program = RandomChainProgram(layers: 12, devices: 3).make(seed: 1)
        switch try ChainIntegerSolver(timeLimitS: 0).solve(program) {
        case .unknown: break
        case .found(let schedule, let bound): #expect(bound <= (program.totals(schedule)?.objective ?? 0))
        case .infeasible: Issue.record("not infeasible")
        }
    }
}
