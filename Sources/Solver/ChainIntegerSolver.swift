import Planning

/// Solves a `ChainProgram` by its integer program on HiGHS: the baseline that the exact planner is held against.
///
/// Blocks until done: never on the cooperative pool.
public struct ChainIntegerSolver: Sendable {
    /// Schedules that may be forbidden because the solver's tolerance let them through.
    static let maximumRepairs = 100

    /// Its time limit holds for each of the repairs, which are rare.
    public var solver: HighsSolver

    /// Limits are about 1,000 units of the linear program, so that this is 1e-10 of each, below what
    /// `ChainProgram.isFeasible` takes for rounding. With 1e-9, HiGHS's presolve (1.15.1) takes some programs for
    /// infeasible that are not.
    public static let tolerance = 1e-7

    public init(timeLimitS: Double = 60) {
        solver = HighsSolver(timeLimitS: timeLimitS, tolerance: Self.tolerance)
    }

    public func solve(_ program: ChainProgram) throws(PlanningError) -> ChainOutcome {
        var integer = ChainIntegerProgram(program)
        for _ in 0...Self.maximumRepairs {
            let solution: LinearProgram.Solution
            let isOptimal: Bool
            switch try solver.solve(integer.linear) {
            case .optimal(let found): (solution, isOptimal) = (found, true)
            case .stopped(let found): (solution, isOptimal) = (found, false)
            case .infeasible: return .infeasible
            case .nothingFound: return .unknown
            }
            guard let schedule = integer.schedule(of: solution) else {
                throw .solver("HiGHS gave a solution of a chain program that names no schedule")
            }
            if let totals = program.totals(schedule), program.isFeasible(schedule) {
                let bound = isOptimal ? totals.objective : solution.bound * integer.objectivePerUnit
                return .found(schedule, bound: min(bound, totals.objective))
            }
            guard isOptimal else { return .unknown }
            integer = integer.forbidding(schedule)
        }
        throw .solver("HiGHS's tolerance keeps letting schedules through that break a limit; use the planner exact")
    }
}
