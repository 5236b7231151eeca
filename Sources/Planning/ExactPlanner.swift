import Costs

/// The plan of least latency, proved.
///
/// Where no memory binds it is a layered shortest path, O(layers x devices^2). Otherwise a resource-constrained
/// shortest path: label setting with dominance and a Lagrangian completion bound, inside a branch and bound that
/// splits what few labels leave open. Past `maximumWork` the plan carries the gap that is left.
public struct ExactPlanner: Planner {
    public static let name = "exact"

    /// Steps that the search takes at most, in edges of shortest paths: some seconds.
    public static let maximumWork = BranchAndBound.maximumWork
    /// Relative improvement that is not looked for: below what doubles can tell apart in a sum of this length.
    static let tolerance = 1e-12

    public init() {}

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        try ChainProblemPlanner(name: Self.name, solver: ChainSolver()).plan(problem, clock: clock)
    }
}
