/// Finds the cheapest path that fits, by branching on the devices of heavy layers.
///
/// Each node of the search tree is a graph with fewer nodes allowed. It is bounded by the Lagrangian relaxation,
/// thinned by it, and then tried by label setting with few labels, which as a rule settles it. What it leaves open is
/// split by the device of the heaviest layer that still has a choice. Depth first, best child first: the same problem
/// always takes the same way.
struct BranchAndBound {
    enum Result {
        /// Nothing cheaper exists than `boundS`, which is the path's own cost where the search was complete.
        case found([Int], boundS: Double)
        case infeasible
        /// The limit of work was reached with neither a path nor a proof.
        case unknown
    }

    /// Work that is done at most, in steps from a layer and device to a device of the next layer: some seconds.
    ///
    /// Counted, not timed, so that the same problem always ends at the same place.
    static let maximumWork = 2_000_000_000
    /// Steps that making and comparing a label is worth.
    static let workOfLabel = 200
    /// Subgradient steps at the root and at each node below.
    static let rootSteps = 200
    static let nodeSteps = 30
    /// Labels for each layer at the root and at each node below.
    static let rootLabels = 400
    static let nodeLabels = 60

    private let alike: InterchangeableDevices
    private let root: ChainGraph
    /// More than any path costs.
    private let ceilingS: Double
    private var best: (path: [Int], seconds: Double)?
    private var workLeft = Self.maximumWork
    /// Least bound of what was left unsearched.
    private var openS = Double.infinity

    init(_ graph: ChainGraph) {
        root = graph
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
        explore(root, parent: nil, isRoot: true)
        if let best { return .found(best.path, boundS: openS >= limitS ? best.seconds : openS) }
        return openS == .infinity ? .infeasible : .unknown
    }

    private mutating func explore(_ given: ChainGraph, parent: LagrangianBound?, isRoot: Bool) {
        guard workLeft > 0 else {
            openS = min(openS, parent?.valueS ?? 0)
            return
        }
        var graph = given
        guard let bound = tighten(&graph, parent: parent, isRoot: isRoot) else { return }

        let labels = LabelSetting(graph, bound: bound, alike: isRoot ? alike : .none(graph))
        let outcome = labels.search(upperS: limitS, maximumLabels: isRoot ? Self.rootLabels : Self.nodeLabels)
        workLeft -= outcome.labelsMade * Self.workOfLabel
        if let path = outcome.path { accept(path) }
        guard outcome.boundS < limitS else { return }

        // With one choice for each layer there is one path, and label setting has seen it.
        guard let layer = branchingLayer(graph) else { return }
        for device in children(of: layer, graph, bound) {
            var child = graph
            for other in 0..<graph.deviceCount where other != device {
                child.allowed[layer * graph.deviceCount + other] = false
            }
            explore(child, parent: bound, isRoot: false)
        }
    }

    /// Bounds the graph and forbids what the bound and the memories exclude; nil where nothing cheaper is left.
    private mutating func tighten(
        _ graph: inout ChainGraph, parent: LagrangianBound?, isRoot: Bool
    ) -> LagrangianBound? {
        let steps = isRoot ? Self.rootSteps : Self.nodeSteps
        guard MemoryPropagation.run(&graph) else { return nil }
        var bound = LagrangianBound(graph, iterations: steps, upperS: limitS, start: parent)
        for _ in 0..<5 {
            workLeft -= bound.stepsTaken * graph.edgeS.count
            if let met = bound.incumbent { accept(met.path) }
            guard bound.valueS < limitS else { return nil }
            let useless = bound.uselessNodes(graph, upperS: limitS)
            guard !useless.isEmpty else { break }
            for node in useless { graph.allowed[node] = false }
            if isRoot { alike.makeAlike(&graph.allowed, deviceCount: graph.deviceCount) }
            guard MemoryPropagation.run(&graph) else { return nil }
            bound = LagrangianBound(graph, iterations: steps, upperS: limitS, start: bound)
        }
        return bound.valueS < limitS ? bound : nil
    }

    /// The heaviest layer that has a choice of devices; without weights the one of largest activation.
    private func branchingLayer(_ graph: ChainGraph) -> Int? {
        let count = graph.deviceCount
        var best: Int?
        for layer in 0..<graph.layerCount {
            let choices = (0..<count).reduce(0) { $0 + (graph.allowed[layer * count + $1] ? 1 : 0) }
            guard choices > 1 else { continue }
            guard let leader = best else {
                best = layer
                continue
            }
            let bytes = (graph.weightBytes[layer], graph.activationPeakBytes[layer])
            if bytes > (graph.weightBytes[leader], graph.activationPeakBytes[leader]) { best = layer }
        }
        return best
    }

    /// The devices that the layer may go to, the one of least bound first.
    private func children(of layer: Int, _ graph: ChainGraph, _ bound: LagrangianBound) -> [Int] {
        let soFar = ShortestPath.costSoFar(graph, nodeCost: bound.nodeCost)
        func value(_ device: Int) -> Double {
            let node = layer * graph.deviceCount + device
            return soFar[node] + bound.costToGo[node] - bound.nodeCost[node]
        }
        return (0..<graph.deviceCount)
            .filter { graph.allowed[layer * graph.deviceCount + $0] && value($0).isFinite }
            .sorted { (value($0), $0) < (value($1), $1) }
    }

    private mutating func accept(_ path: [Int]) {
        let improved = LocalSearch.improve(path, in: root)
        if improved.seconds < best?.seconds ?? .infinity { best = improved }
    }
}
