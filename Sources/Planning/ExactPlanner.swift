import Costs

/// The plan of least latency, proved.
///
/// What is solved is a `ChainProgram`, by the `ChainSolver`. Past `maximumWork` the plan carries the gap that is left.
public struct ExactPlanner: Planner {
    public static let name = "exact"

    /// Steps that the search takes at most, in edges of shortest paths: some seconds.
    public static let maximumWork = 2_000_000_000
    /// Relative improvement that is not looked for: below what doubles can tell apart in a sum of this length.
    static let tolerance = 1e-12

    public init() {}

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let found = try Self.search(problem, table: table)
        let solveS = (clock() - start).inSeconds
        do {
            return try Plan(
                path: found.path, planner: Self.name, boundS: found.boundS, solveS: solveS, problem: problem,
                table: table)
        } catch { throw .invalid(error) }
    }

    private static func search(
        _ problem: Problem, table: CostTable
    ) throws(PlanningError) -> (path: [Int], boundS: Double) {
        let program = ChainProgram(latencyOf: table)
        let budget = ChainSolver.Budget(maximumWork: maximumWork)
        switch ChainSolver().solve(program, budget: budget) {
        case .found(let schedule, let boundS):
            return (schedule.steps.map { program.modes[$0.mode].device }, boundS)
        case .infeasible: throw .infeasible(Infeasibility.sentence(problem, table: table))
        case .unknown:
            throw .limit(
                "\(problem.model): no plan found that fits the memories, and none excluded, in "
                    + "\(maximumWork) steps of the search; give the devices more memory or use the planner base-ilp")
        }
    }
}
