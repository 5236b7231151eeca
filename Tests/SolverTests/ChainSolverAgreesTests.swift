import Planning
import Solver
import TestKit
import Testing

@Suite struct ChainSolverAgreesTests {
    /// One of each kind of program, by a number.
    private func knobs(_ seed: Int) -> RandomChainProgram {
        var knobs = RandomChainProgram(layers: 8 + seed % 9, devices: 2 + seed % 3)
        knobs.points = 1 + seed / 2 % 3
        knobs.limits = seed % 4 == 0 ? .loose : .tight
        knobs.memory = seed % 2 == 0 ? .loose : .tight
        switch seed % 10 {
        case 0: knobs.limitCount = 1
        case 1: (knobs.objective, knobs.limitCount) = (.energy, 2)
        case 2: (knobs.objective, knobs.shared) = (.carbon, .hold)
        case 3: (knobs.objective, knobs.shared, knobs.limitCount) = (.energy, .hold, 1)
        case 4: (knobs.objective, knobs.shared) = (.carbon, .bottleneck(priced: true, limited: false))
        case 5: (knobs.objective, knobs.shared) = (.carbon, .bottleneck(priced: false, limited: true))
        case 6: knobs.preloading = .sound
        case 7: (knobs.preloading, knobs.limitCount) = (.published, 1)
        case 8: (knobs.maximumStepLength, knobs.bundles, knobs.withWaste) = (4, .mixed, true)
        default: (knobs.maximumStepLength, knobs.bundles, knobs.limitCount) = (knobs.layers, .shorter, 1)
        }
        return knobs
    }

    @Test(arguments: 0..<200)
    func `label setting and HiGHS agree on every kind of program`(seed: Int) throws {
        let program = knobs(seed).make(seed: UInt64(seed))
        let exact = ChainSolver().solve(program)
        let integer = try ChainIntegerSolver().solve(program)
        switch (exact, integer) {
        case (.infeasible, .infeasible): break
        case (.found(let schedule, let bound), .found(_, let least)):
            #expect(program.isFeasible(schedule))
            #expect(program.totals(schedule)?.objective == bound)
            #expect(abs(bound - least) <= 1e-8 * abs(least), "exact \(bound), HiGHS \(least)")
        default: Issue.record("exact \(exact), HiGHS \(integer)")
        }
    }
}
