/// Finds the cheapest schedule that keeps all limits, by branching on what each device is used for.
///
/// Each node of the search tree is a program with fewer steps allowed and some devices known to be used. A device known
/// to be used is charged and priced whether a schedule uses it or not: such a schedule is found at its own price in the
/// branch where the device is unused. Each node is bounded by the Lagrangian relaxation, thinned by it, and then tried
/// by label setting with few labels, which as a rule settles it. What it leaves open is split: by the mode of a device,
/// by the device of a layer, and at last by where steps begin. Depth first, best child first: the same program always
/// takes the same way. Only where devices cost something by being used are the sets of used devices told apart before
/// all that, least bound first.
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
    private static let starts: [Start] = [(1, 12, 60), (1, 60, 2000), (1, 60, 8000), (.max, 200, 2000)]
    /// Starts after which devices that cost something by their use are told apart first.
    private static let startsBeforeUse = 1
    /// Sets of used devices that wait to be told apart further; with more, the next is searched as it is.
    private static let maximumOpenSets = 1024
    /// Relative gain of the root's bound that is worth as many steps again.
    static let worthwhileGain = 5e-3
    /// Relative gap below which the first start looks for no schedules of few runs.
    private static let smallGap = 0.02
    /// At these multiples of their prices limits lead to schedules with one mode for each device, dear and quick ones.
    private static let priceMultiples = [0.5, 1, 2, 4, 16]
    /// One in so many of what is left, for the exact memory bounds of one node.
    private static let partOfRoom = 4
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
    private var isFirstStart = true
    /// The last graph that was made, for the node that allows the same steps: as a rule the very next.
    private var last: (isKept: [Bool], graph: StageGraph, needs: StageNeeds)?
    /// The last bound of the root.
    private var rootStart: StageRelaxation.Start?

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
    func run(_ isKept: [Bool], _ graph: StageGraph, _ needs: StageNeeds, start: StageRelaxation.Start) {
        last = (isKept, graph, needs)
        let none = [Bool](repeating: false, count: network.deviceCount)
        var node = Node(isKept: isKept, isUsed: none, bound: start.value)
        rootStart = start
        for (index, start) in Self.starts.enumerated() {
            if index == Self.startsBeforeUse, hasUseToDecide {
                exploreByUse(node)
                return
            }
            openBound = .infinity
            nodes = 0
            current = start
            isFirstStart = index == 0
            explore(node, parent: rootStart, isRoot: true)
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

    private func explore(_ given: Node, parent: StageRelaxation.Start?, isRoot: Bool) {
        guard given.bound < incumbent.threshold else { return }
        if nodes >= current.nodes || isOver() {
            openBound = min(openBound, given.bound)
            return
        }
        var node = given
        guard var tight = tighten(&node, parent: parent, isRoot: isRoot) else { return }
        node.bound = max(node.bound, tight.relaxation.value)
        if isRoot {
            rootStart = tight.relaxation.asStart
            let before = incumbent.threshold
            // Where little is left, a few labels as a rule find it sooner.
            if !isFirstStart || node.bound < before * (1 - Self.smallGap) { findRuns(tight) }
            if incumbent.threshold < before {
                guard let again = tighten(&node, parent: tight.relaxation.asStart, isRoot: true) else { return }
                tight = again
                node.bound = max(node.bound, tight.relaxation.value)
                rootStart = tight.relaxation.asStart
            }
        }

        let labels = StageLabelSetting(
            network, tight.graph, tight.needs, relaxation: tight.relaxation,
            twins: isRoot ? rootTwins : .none(network), threshold: incumbent.threshold,
            roomWork: isFirstStart ? 0 : workLeft / Self.partOfRoom)
        let outcome = labels.search(
            incumbent: incumbent, maximumLabels: maximumLabels(labels.layout, isRoot: isRoot), shouldStop: isOver(made:)
        )
        workLeft -= outcome.labelsMade * Self.workOfLabel + labels.workOfBounds
        node.bound = max(node.bound, outcome.bound)
        nodes += 1
        guard node.bound < incumbent.threshold else { return }

        let branching = ChainBranching(network, tight.graph, tight.needs, tight.relaxation, labels.layout)
        let start = tight.relaxation.asStart
        for child in branching.children(of: node) {
            explore(child, parent: start, isRoot: false)
        }
    }

    // MARK: - Which devices are used

    /// A node of the search by use, with the bound that it goes on from.
    private struct UseNode {
        var node: Node
        var parent: StageRelaxation.Start?
        /// Is every device that costs something by its use known to be used, or forbidden?
        var isDecided = false
    }

    /// Devices whose use costs something by itself, or prices `S`.
    private func costsByUse(_ device: Int) -> Bool { network.isCharged[device] || network.isPriced[device] }

    private var hasUseToDecide: Bool { (0..<network.deviceCount).contains(where: costsByUse) }

    /// Splits the program by which devices are used, the least bound first, and searches each set depth first.
    ///
    /// A device that waits takes power for as long as the plan lasts. The relaxation counts that only where the device
    /// is known to be used, and no price on anything makes up for it; so the sets are told apart before all else.
    private func exploreByUse(_ root: Node) {
        openBound = .infinity
        current = Self.starts[Self.starts.count - 1]
        var open = [UseNode(node: root, parent: rootStart)]
        while let index = open.indices.min(by: { open[$0].node.bound < open[$1].node.bound }) {
            var next = open.remove(at: index)
            guard next.node.bound < incumbent.threshold else { return }
            if isOver() {
                openBound = min(openBound, next.node.bound)
                return
            }
            if next.isDecided || open.count >= Self.maximumOpenSets {
                explore(next.node, parent: next.parent, isRoot: false)
                continue
            }
            guard let tight = tighten(&next.node, parent: next.parent, isRoot: false) else { continue }
            next.node.bound = max(next.node.bound, tight.relaxation.value)
            next.parent = tight.relaxation.asStart
            guard let device = deviceToDecide(next.node, tight) else {
                findRuns(tight)
                next.isDecided = true
                open.append(next)
                continue
            }
            for child in byUse(device, next.node, tight) { open.append(UseNode(node: child, parent: next.parent)) }
        }
    }

    /// The undecided device with most layers in the path of the bound; of twins the first.
    private func deviceToDecide(_ node: Node, _ tight: Tightened) -> Int? {
        var layers = [Int](repeating: 0, count: network.deviceCount)
        for arc in tight.relaxation.path {
            layers[network.deviceOf[tight.graph.endMode[tight.graph.arcEnd[arc]]]] += tight.graph.arcLength[arc]
        }
        let candidates = layers.indices.filter { costsByUse($0) && !node.isUsed[$0] && tight.needs.isOpen[$0] }
        guard let most = candidates.max(by: { (layers[$0], -$0) < (layers[$1], -$1) }) else { return nil }
        guard let group = rootTwins.groupOf[most] else { return most }
        return candidates.first { rootTwins.groupOf[$0] == group }
    }

    /// The device used, or not at all, and with it none of its later twins, which could stand for it.
    private func byUse(_ device: Int, _ node: Node, _ tight: Tightened) -> [Node] {
        var used = node
        used.isUsed[device] = true
        var unused = node
        let group = rootTwins.groupOf[device]
        for arc in 0..<tight.graph.arcCount {
            let own = network.deviceOf[tight.graph.endMode[tight.graph.arcEnd[arc]]]
            let isLaterTwin = group != nil && rootTwins.groupOf[own] == group && own > device
            if own == device || isLaterTwin { unused.isKept[tight.graph.arcStep[arc]] = false }
        }
        return [used, unused]
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
    private func tighten(_ node: inout Node, parent: StageRelaxation.Start?, isRoot: Bool) -> Tightened? {
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
            start = relaxation.asStart
        }
        return nil
    }

    /// The node's graph, with what the memories exclude left out; nil where a layer has no device left.
    private func reduce(_ node: inout Node) -> (StageGraph, StageNeeds)? {
        while true {
            let graph: StageGraph
            let needs: StageNeeds
            if let last, last.isKept == node.isKept {
                (graph, needs) = (last.graph, last.needs)
            } else {
                graph = StageGraph(network, isKept: node.isKept)
                guard !graph.ends(network.layerCount).isEmpty, !graph.starts(0).isEmpty else { return nil }
                needs = StageNeeds(network, graph)
                last = (node.isKept, graph, needs)
            }
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
