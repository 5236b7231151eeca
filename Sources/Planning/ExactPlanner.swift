import Costs

/// The plan of least latency, proved.
///
/// Where no memory binds it is a layered shortest path, O(layers x devices^2). Otherwise a resource-constrained shortest
/// path: label setting with dominance, a Lagrangian completion bound and an incumbent found on the way. The search
/// widens step by step and ends with the first step that drops no label that could matter; past the last step the plan
/// carries the gap that is left open.
public struct ExactPlanner: Planner {
    public static let name = "exact"

    /// Labels for each layer that the search keeps at most, step by step.
    public static let labelLimits = [100, 2_000, 20_000, 200_000]
    /// Subgradient steps for each bound.
    static let subgradientSteps = 150
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

        var search = MemoryBoundSearch(graph)
        switch search.run() {
        case .found(let path, let boundS): return (path, boundS)
        case .infeasible: throw .infeasible(Infeasibility.sentence(problem, table: table))
        case .unknown:
            throw .limit(
                "no plan found that fits the memories, and none excluded, with \(labelLimits.last ?? 0) partial plans "
                    + "for each layer; give the devices more memory or use the planner base-ilp")
        }
    }
}

/// The search where the shortest path does not fit.
private struct MemoryBoundSearch {
    enum Result {
        case found([Int], boundS: Double)
        case infeasible
        case unknown
    }

    private var graph: ChainGraph
    private let alike: InterchangeableDevices
    /// More than any path costs.
    private let ceilingS: Double
    private var best: (path: [Int], seconds: Double)?

    init(_ graph: ChainGraph) {
        self.graph = graph
        alike = InterchangeableDevices(graph)
        var ceilingS = 1.0
        for layer in 0..<graph.layerCount {
            let nodes = (layer * graph.deviceCount)..<((layer + 1) * graph.deviceCount)
            ceilingS += graph.nodeS[nodes].max() ?? 0
            guard layer + 1 < graph.layerCount else { continue }
            let edges = (nodes.lowerBound * graph.deviceCount)..<(nodes.upperBound * graph.deviceCount)
            ceilingS += graph.edgeS[edges].reduce(0) { $1.isFinite ? max($0, $1) : $0 }
        }
        self.ceilingS = ceilingS
    }

    /// Only paths below this are looked for.
    private var limitS: Double { best.map { $0.seconds * (1 - ExactPlanner.tolerance) } ?? ceilingS }

    mutating func run() -> Result {
        var bound = improveBound(nil)
        var provedS = bound.valueS
        for limit in ExactPlanner.labelLimits {
            if provedS >= limitS { break }
            let outcome = LabelSetting(graph, bound: bound, alike: alike).search(upperS: limitS, maximumLabels: limit)
            if let path = outcome.path { accept(path) }
            provedS = max(provedS, outcome.boundS)
            if provedS >= limitS { break }
            bound = improveBound(bound)
            provedS = max(provedS, bound.valueS)
        }
        if let best { return .found(best.path, boundS: provedS >= limitS ? best.seconds : provedS) }
        return provedS >= ceilingS ? .infeasible : .unknown
    }

    /// Prices the memories, takes the paths met on the way, and forbids the nodes that the bound shows useless.
    private mutating func improveBound(_ start: LagrangianBound?) -> LagrangianBound {
        var bound = LagrangianBound(
            graph, iterations: ExactPlanner.subgradientSteps, upperS: limitS, start: start)
        for _ in 0..<4 {
            if let met = bound.incumbent { accept(met.path) }
            guard bound.valueS < limitS else { return bound }
            let useless = bound.uselessNodes(graph, upperS: limitS)
            guard !useless.isEmpty else { return bound }
            for node in useless { graph.allowed[node] = false }
            alike.makeAlike(&graph.allowed, deviceCount: graph.deviceCount)
            bound = LagrangianBound(
                graph, iterations: ExactPlanner.subgradientSteps, upperS: limitS, start: bound)
        }
        return bound
    }

    private mutating func accept(_ path: [Int]) {
        let improved = LocalSearch.improve(path, in: graph)
        if improved.seconds < best?.seconds ?? .infinity { best = improved }
    }
}
