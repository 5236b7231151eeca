/// Splits a node of the search into nodes that together allow the same schedules.
struct ChainBranching {
    private let network: ChainNetwork
    private let graph: StageGraph
    private let needs: StageNeeds
    private let relaxation: StageRelaxation
    private let layout: LabelLayout

    init(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, _ relaxation: StageRelaxation,
        _ layout: LabelLayout
    ) {
        self.network = network
        self.graph = graph
        self.needs = needs
        self.relaxation = relaxation
        self.layout = layout
    }

    /// The children, the one of least bound first; none where the node allows one schedule only.
    func children(of node: ChainSearch.Node) -> [ChainSearch.Node] {
        let children =
            deviceToSplit(needsUse: true).map { byMode($0, node) } ?? layerToSplit().map { byDevice($0, node) }
            ?? deviceToSplit(needsUse: false).map { byMode($0, node) } ?? boundaryToSplit().map { byCut($0, node) }
            ?? []
        return children.filter { $0.bound < .infinity }.enumerated()
            .sorted { ($0.element.bound, $0.offset) < ($1.element.bound, $1.offset) }.map(\.element)
    }

    private func device(ofArc arc: Int) -> Int { network.deviceOf[graph.endMode[graph.arcEnd[arc]]] }

    private func layers(ofArc arc: Int) -> Range<Int> {
        let last = graph.endBoundary[graph.arcEnd[arc]]
        return (last - graph.arcLength[arc])..<last
    }

    // MARK: - Modes of a device

    /// An undecided device: the one with most layers in the path of the bound, those in two modes there first.
    private func deviceToSplit(needsUse: Bool) -> Int? {
        var layers = [Int](repeating: 0, count: network.deviceCount)
        var modeOf = [Int](repeating: -1, count: network.deviceCount)
        for arc in relaxation.path {
            let device = device(ofArc: arc)
            let mode = graph.endMode[graph.arcEnd[arc]]
            layers[device] += graph.arcLength[arc]
            if modeOf[device] >= 0, modeOf[device] != mode { layers[device] += network.layerCount }
            modeOf[device] = mode
        }
        let candidates = (0..<network.deviceCount).filter { layout.isTracked[$0] && (!needsUse || layers[$0] > 0) }
        return candidates.max { (layers[$0], -$0) < (layers[$1], -$1) }
    }

    /// The device at each of its modes, and not at all.
    private func byMode(_ device: Int, _ node: ChainSearch.Node) -> [ChainSearch.Node] {
        var modes: [Int] = []
        for mode in network.modesOf[device] where graph.startMode.contains(mode) { modes.append(mode) }
        var children = modes.map { mode in
            var child = restricted(node) { self.device(ofArc: $0) != device || graph.endMode[graph.arcEnd[$0]] == mode }
            child.isUsed[device] = true
            return child
        }
        if !node.isUsed[device] { children.append(restricted(node) { self.device(ofArc: $0) != device }) }
        return children
    }

    // MARK: - Device of a layer

    /// The layer that weighs most on what is priced, and that the relaxation gives now to one device, now to another.
    ///
    /// Without either the heaviest, or the one of largest activation.
    private func layerToSplit() -> Int? {
        let program = network.program
        let devices = network.deviceCount
        let impact = impacts()
        func key(_ layer: Int) -> (Double, Int, Int) {
            let row = layer * devices
            let most = relaxation.share[row..<(row + devices)].max() ?? 1
            let score = impact[layer] * max(0, 1 - most)
            return (score, program.weightBytes[layer], program.workingPeakBytes[layer])
        }
        var best: (layer: Int, key: (Double, Int, Int))?
        for layer in 0..<network.layerCount where needs.onlyDevice(layer) == nil {
            let own = key(layer)
            if let leader = best, own <= leader.key { continue }
            best = (layer, own)
        }
        return best?.layer
    }

    /// By layer, the most that one of its steps pays for what is limited.
    private func impacts() -> [Double] {
        let free = relaxation.priced(ChainPrices(network)).0
        var impact = [Double](repeating: 0, count: network.layerCount)
        for arc in 0..<graph.arcCount {
            let price = abs(relaxation.costs.arc[arc] - free.arc[arc]) / Double(graph.arcLength[arc])
            for layer in layers(ofArc: arc) { impact[layer] = max(impact[layer], price) }
        }
        return impact
    }

    private func byDevice(_ layer: Int, _ node: ChainSearch.Node) -> [ChainSearch.Node] {
        (0..<network.deviceCount).filter { needs.layerMay(layer, on: $0) }.map { device in
            var child = restricted(node) { !layers(ofArc: $0).contains(layer) || self.device(ofArc: $0) == device }
            child.isUsed[device] = true
            return child
        }
    }

    // MARK: - Where steps begin

    /// A boundary that some steps cross and at which others begin: the one nearest to the middle.
    private func boundaryToSplit() -> Int? {
        var isCrossed = [Bool](repeating: false, count: network.layerCount + 1)
        var isCut = isCrossed
        for arc in 0..<graph.arcCount {
            let layers = layers(ofArc: arc)
            isCut[layers.lowerBound] = true
            for boundary in layers.dropFirst() { isCrossed[boundary] = true }
        }
        let middle = network.layerCount / 2
        return (1..<max(1, network.layerCount)).filter { isCrossed[$0] && isCut[$0] }
            .min { (abs($0 - middle), $0) < (abs($1 - middle), $1) }
    }

    private func byCut(_ boundary: Int, _ node: ChainSearch.Node) -> [ChainSearch.Node] {
        [
            restricted(node) { !layers(ofArc: $0).dropFirst().contains(boundary) },
            restricted(node) { layers(ofArc: $0).lowerBound != boundary && layers(ofArc: $0).upperBound != boundary },
        ]
    }

    // MARK: - Children

    /// The node with only the arcs that are to stay, bounded at the prices of the node itself.
    private func restricted(_ node: ChainSearch.Node, stays: (Int) -> Bool) -> ChainSearch.Node {
        var child = node
        var costs = relaxation.costs
        for arc in 0..<graph.arcCount where !stays(arc) {
            child.isKept[graph.arcStep[arc]] = false
            costs.arc[arc] = .infinity
        }
        child.bound = max(node.bound, CostToGo(graph, costs).least + relaxation.constant)
        return child
    }
}
