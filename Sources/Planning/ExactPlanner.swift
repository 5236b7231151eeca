import Costs

/// The best plan of any objective under any limits, proved.
///
/// Where nothing binds it is a layered shortest path, O(layers x modes^2). Otherwise `ChainSolver` searches: label
/// setting with Lagrangian bounds inside a branch and bound. Past its budget the plan carries the gap that is left.
public struct ExactPlanner: Planner {
    public static let name = "exact"

    /// Relative improvement that is not looked for: below what doubles can tell apart in a sum of this length.
    static let tolerance = 1e-12

    public let solver: any ChainProgramSolving

    public init(solver: any ChainProgramSolving = ChainSolver()) { self.solver = solver }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        try ChainProblemPlanner(name: Self.name, solver: solver).plan(problem, clock: clock)
    }
}
