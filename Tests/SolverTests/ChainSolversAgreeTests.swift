import Glibc
import Planning
import Solver
import TestKit
import Testing

/// The exact solver against the integer program on HiGHS, for each system of the dissertation.
///
/// `LAMELLA_AGREE_COUNT=1000` compares so many programs of each kind; it takes an hour.
@Suite struct ChainSolversAgreeTests {
    /// Seconds for each solver and program; one that is stopped is compared by its bound.
    static let timeLimitS = 2.0

    static let count: Int = {
        guard let text = getenv("LAMELLA_AGREE_COUNT") else { return 60 }
        return Int(String(cString: text)) ?? 60
    }()

    @Test(arguments: RandomChainKind.allCases)
    func `the exact solver and HiGHS agree`(kind: RandomChainKind) throws {
        var same = 0
        var infeasible = 0
        var undecided = 0
        for seed in 0..<Self.count {
            let program = kind.make(seed: seed)
            let clock = ContinuousClock()
            let end = clock.now + .seconds(Self.timeLimitS)
            let exact = ChainSolver().solve(program, budget: ChainSolver.Budget(shouldStop: { clock.now > end }))
            let integer = try ChainIntegerSolver(timeLimitS: Self.timeLimitS).solve(program)
            switch ChainVerdict(exact, integer, of: program) {
            case .same: same += 1
            case .bothInfeasible: infeasible += 1
            case .notContradicted: undecided += 1
            case .different(let how): Issue.record("\(kind.rawValue), seed \(seed): exact and HiGHS differ: \(how)")
            }
        }
        // Otherwise the random programs, or the time limit, would leave nothing to agree on.
        #expect(same >= Self.count / 4, "\(infeasible) infeasible, \(undecided) undecided")
    }

    @Test func `a verdict tells a wrong bound and a missed schedule`() {
        let program = RandomChainKind.base.make(seed: 0)
        guard case .found(let schedule, let objective) = ChainSolver().solve(program) else {
            Issue.record("the program was chosen to be feasible")
            return
        }
        let found = ChainOutcome.found(schedule, bound: objective)
        #expect(ChainVerdict(found, found, of: program) == .same)
        #expect(ChainVerdict(found, .found(schedule, bound: objective / 2), of: program) == .notContradicted)
        #expect(ChainVerdict(found, .unknown, of: program) == .notContradicted)
        #expect(ChainVerdict(.infeasible, .infeasible, of: program) == .bothInfeasible)
        for wrong in [ChainOutcome.infeasible, .found(schedule, bound: objective * 1.01)] {
            guard case .different = ChainVerdict(found, wrong, of: program) else {
                Issue.record("\(wrong) passed")
                continue
            }
        }
    }
}
