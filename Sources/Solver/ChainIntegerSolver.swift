import Planning

/// Solves a `ChainProgram` by its integer program on HiGHS: the baseline that the exact planner is held against.
///
/// Blocks until done: never on the cooperative pool.
public struct ChainIntegerSolver: Sendable {
    /// Schedules that may be forbidden because the solver's tolerance let them through.
    static let maximumRepairs = 100

    /// Its time limit holds for each of the repairs, which are rare.
    public var solver: HighsSolver

    public init(solver: HighsSolver = HighsSolver()) { self.solver = solver }

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
