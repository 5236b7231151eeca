/// Finds the cheapest schedule that keeps all limits, by branching on what each device is used for.
///
/// Each node of the search tree is a program with fewer steps allowed and some devices known to be used. A device known
/// to be used is charged and priced whether a schedule uses it or not: such a schedule is found at its own price in the
/// branch where the device is unused. Each node is bounded by the Lagrangian relaxation, thinned by it, and then tried
/// by label setting with few labels, which as a rule settles it. What it leaves open is split: by the mode of a device,
/// by the device of a layer, and at last by where steps begin. Depth first, best child first: the same program always
/// takes the same way.
final class ChainSearch {
    /// Steps that making and comparing a label is worth.
    static let workOfLabel = 200
    /// Labels that are made for each that is kept, about.
    private static let madeOfKept = 3
    /// The same for a run that grows by a layer.
    static let workOfRun = 20
    /// Subgradient steps at each node below the root.
    static let nodeSteps = 30
    /// One start from the root: nodes after which the search begins anew, with all that it has found; subgradient steps
    /// and labels for each boundary at the root.
    private typealias Start = (nodes: Int, steps: Int, labels: Int)
    /// Most programs need little; what they do not need is not done.
    private static let starts: [Start] = [(1, 15, 60), (1, 60, 2000), (1, 60, 8000), (.max, 200, 2000)]
    /// Relative gain of the root's bound that is worth as many steps again.
    static let worthwhileGain = 5e-3
    /// At these multiples of their prices limits lead to schedules with one mode for each device, dear and quick ones.
    private static let priceMultiples = [0.5, 1, 2, 4, 16]
    /// Labels for each boundary at each node below the root.
    static let nodeLabels = 600

    /// What a node of the tree still allows.
    struct Node {
        /// By the program's step index.
        var isKept: [Bool]
        /// Devices that count as used.
        var isUsed: [Bool]
        /// Nothing in the node is cheaper.
        var bound: Double
    }

    let network: ChainNetwork
    let incumbent: ChainIncumbent
    private let budget: ChainSolver.Budget
    private let rootTwins: TwinDevices
    private(set) var workLeft: Int
    /// Least bound of what was left unsearched.
    private(set) var openBound = Double.infinity
    private var isStopped = false
    /// Nodes since the last start from the root, and what that start is to be.
    private var nodes = 0
    private var current = starts[0]
    /// The last bound of the root.
    private var rootRelaxation: StageRelaxation?

    init(_ network: ChainNetwork, incumbent: ChainIncumbent, budget: ChainSolver.Budget, workDone: Int) {
        self.network = network
        self.incumbent = incumbent
        self.budget = budget
        rootTwins = TwinDevices(network)
        workLeft = budget.maximumWork - workDone
    }

    /// Searches the whole program; `openBound` is then infinite, or the least bound of what the budget left out.
    ///
    /// Begins anew from the root as long as a few nodes find much better schedules: the better the incumbent, the more
    /// the root can forbid once for all.
    func run(_ isKept: [Bool], start: StageRelaxation?) {
        let none = [Bool](repeating: false, count: network.deviceCount)
        var node = Node(isKept: isKept, isUsed: none, bound: start?.value ?? 0)
        rootRelaxation = start
        for start in Self.starts {
            openBound = .infinity
            nodes = 0
            current = start
            explore(node, parent: rootRelaxation, isRoot: true)
            guard openBound < incumbent.threshold, !isStopped else { return }
            node.bound = max(node.bound, openBound)
        }
    }

    /// - Parameter made: labels that are not counted yet.
    private func isOver(made: Int = 0) -> Bool {
        let work = workLeft - incumbent.work - made * Self.workOfLabel
        if !isStopped, work <= 0 || budget.shouldStop() { isStopped = true }
        return isStopped
    }

    private struct Tightened {
        var graph: StageGraph
        var needs: StageNeeds
        var relaxation: StageRelaxation
    }

    private func explore(_ given: Node, parent: StageRelaxation?, isRoot: Bool) {
        guard given.bound < incumbent.threshold else { return }
        if nodes >= current.nodes || isOver() {
            openBound = min(openBound, given.bound)
            return
        }
        var node = given
        guard var tight = tighten(&node, parent: parent, isRoot: isRoot) else { return }
        node.bound = max(node.bound, tight.relaxation.value)
        if isRoot {
            rootRelaxation = tight.relaxation
            let before = incumbent.threshold
            findRuns(tight)
            if incumbent.threshold < before {
                guard let again = tighten(&node, parent: tight.relaxation, isRoot: true) else { return }
                tight = again
                node.bound = max(node.bound, tight.relaxation.value)
                rootRelaxation = tight.relaxation
            }
        }

        let labels = StageLabelSetting(
            network, tight.graph, tight.needs, relaxation: tight.relaxation,
            twins: isRoot ? rootTwins : .none(network))
        let outcome = labels.search(
            incumbent: incumbent, maximumLabels: maximumLabels(labels.layout, isRoot: isRoot), shouldStop: isOver(made:)
        )
        workLeft -= outcome.labelsMade * Self.workOfLabel
        node.bound = max(node.bound, outcome.bound)
        nodes += 1
        guard node.bound < incumbent.threshold else { return }

        let branching = ChainBranching(network, tight.graph, tight.needs, tight.relaxation, labels.layout)
        for child in branching.children(of: node) {
            explore(child, parent: tight.relaxation, isRoot: false)
        }
    }

    /// Offers schedules of few runs: at the prices of limits, at others where devices have several modes, and what
    /// takes least of each limit as long as nothing is known that keeps them all.
    private func findRuns(_ tight: Tightened) {
        func search(_ worth: RunSchedules.Worth) -> Bool {
            guard
                var runs = RunSchedules(network, tight.graph, tight.needs, tight.relaxation, worth: worth)
            else { return false }
            runs.search(incumbent, needs: tight.needs)
            workLeft -= runs.work * Self.workOfRun
            return true
        }
        guard search(.priced) else { return }
        if network.modeCount > network.deviceCount {
            for multiple in Self.priceMultiples { _ = search(.oneMode(multiple)) }
        }
        for quantity in network.limited where incumbent.best == nil { _ = search(.least(quantity: quantity)) }
    }

    private func maximumLabels(_ layout: LabelLayout, isRoot: Bool) -> Int {
        let wanted = isRoot ? current.labels : Self.nodeLabels
        // A search holds the labels of all boundaries, and for a moment six times those of one.
        let bytes = LabelPool.bytes(stride: layout.stride, words: layout.words) * (network.layerCount + 7) * 2
        // Of each label kept, several are made: one search must not take all that is left.
        let work = Self.workOfLabel * Self.madeOfKept * network.layerCount
        return max(1, min(wanted, budget.maximumLabelBytes / bytes, max(Self.nodeLabels / 10, workLeft / 4 / work)))
    }

    /// Bounds the node and forbids what the bound and the memories exclude; nil where nothing cheaper is left.
    private func tighten(_ node: inout Node, parent: StageRelaxation?, isRoot: Bool) -> Tightened? {
        let steps = isRoot ? current.steps : Self.nodeSteps
        var start = parent
        for round in 0..<6 {
            guard let (graph, needs) = reduce(&node) else { return nil }
            let relaxation = StageRelaxation(
                network, graph, needs, isUsed: node.isUsed, iterations: steps, incumbent: incumbent, start: start,
                repairs: isRoot)
            workLeft -= relaxation.stepsTaken * relaxation.workOfStep
            guard relaxation.value < incumbent.threshold else { return nil }
            let useless = relaxation.uselessArcs(threshold: incumbent.threshold)
            let uselessCount = useless.reduce(0) { $0 + ($1 ? 1 : 0) }
            // At the root prices are found once for all: they are worth more steps as long as these gain much.
            let gains = isRoot && relaxation.value > (start?.value ?? 0) * (1 + Self.worthwhileGain)
            guard uselessCount > 0 || gains, round < 5 else {
                return Tightened(graph: graph, needs: needs, relaxation: relaxation)
            }
            for arc in useless.indices where useless[arc] { node.isKept[graph.arcStep[arc]] = false }
            if isRoot { rootTwins.makeAlike(&node.isKept, network) }
            start = relaxation
        }
        return nil
    }

    /// The node's graph, with what the memories exclude left out; nil where a layer has no device left.
    private func reduce(_ node: inout Node) -> (StageGraph, StageNeeds)? {
        while true {
            let graph = StageGraph(network, isKept: node.isKept)
            guard !graph.ends(network.layerCount).isEmpty, !graph.starts(0).isEmpty else { return nil }
            let needs = StageNeeds(network, graph)
            var changed = false
            guard StagePropagation.run(network, graph, needs, isKept: &node.isKept, changed: &changed) else {
                return nil
            }
            guard !changed else { continue }
            for layer in 0..<network.layerCount {
                if let only = needs.onlyDevice(layer) { node.isUsed[only] = true }
            }
            return (graph, needs)
        }
    }
}
