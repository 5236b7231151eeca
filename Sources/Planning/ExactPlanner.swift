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
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let found = try Self.search(ChainGraph(table), problem: problem, table: table)
        let solveS = (clock() - start).inSeconds
        do {
            return try Plan(
                path: found.path, planner: Self.name, boundS: found.boundS, solveS: solveS, problem: problem,
                table: table)
        } catch { throw .invalid(error) }
    }

    private static func search(
        _ graph: ChainGraph, problem: Problem, table: CostTable
    ) throws(PlanningError) -> (path: [Int], boundS: Double) {
        let toGo = ShortestPath.costToGo(graph, nodeCost: graph.nodeS)
        guard let shortest = ShortestPath.path(graph, costToGo: toGo) else {
            throw .infeasible(Infeasibility.sentence(problem, table: table))
        }
        if graph.fits(shortest) { return (shortest, graph.seconds(of: shortest)) }

        var search = BranchAndBound(graph)
        switch search.run() {
        case .found(let path, let boundS): return (path, boundS)
        case .infeasible: throw .infeasible(Infeasibility.sentence(problem, table: table))
        case .unknown:
            throw .limit(
                "\(problem.model): no plan found that fits the memories, and none excluded, in "
                    + "\(maximumWork) steps of the search; give the devices more memory or use the planner base-ilp")
        }
    }
}
