import Costs

/// The plan of least latency, proved: layered shortest path, and label setting where memory binds.
public struct ExactPlanner: Planner {
    public static let name = "exact"

    public init() {}

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let graph = ChainGraph(table)
        let toGo = ShortestPath.costToGo(graph, nodeCost: graph.nodeS)
        guard let path = ShortestPath.path(graph, costToGo: toGo) else {
            throw .infeasible("no device can hold and reach every layer")
        }
        guard graph.fits(path) else { throw .limit("memory binds") }
        let solveS = (clock() - start).inSeconds
        do {
            return try Plan(
                path: path, planner: Self.name, boundS: graph.seconds(of: path), solveS: solveS, problem: problem,
                table: table)
        } catch { throw .invalid(error) }
    }
}
