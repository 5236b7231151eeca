/// Resource-constrained shortest path through a chain by label setting, layer by layer.
///
/// A label is a partial path with its cost and what each device holds. A label goes when it cannot fit, when its lower
/// bound reaches the best known path, or when another dominates it. With more labels than the limit the best bounds
/// stay (a beam) and the least bound dropped says how much that can have cost: nothing, where it reaches the result.
///
/// Desrochers, Soumis: "A generalized permanent labelling algorithm for the shortest path problem with time windows",
/// INFOR 26, 1988; completion bounds as in Beasley, Christofides: "An algorithm for the resource constrained shortest
/// path problem", Networks 19, 1989.
struct LabelSetting {
    struct Outcome {
        /// The best path found that is cheaper than the limit given.
        var path: [Int]?
        /// No path is cheaper than this, but for the one given as limit.
        var boundS: Double
        /// Labels that were made; those that could be dropped at once do not count.
        var labelsMade: Int
    }

    private let graph: ChainGraph
    private let bound: LagrangianBound
    private let need: RemainingNeed
    private let dominance: Dominance
    private let alike: InterchangeableDevices
    /// Least true seconds from the node to the end, memory ignored.
    private let secondsToGo: [Double]
    /// Seconds for a byte on each device.
    private let weightPrice: [Double]
    /// What the cuts charge for the node, flat by node.
    private let cutPrice: [Double]
    /// What the cuts refund to every path.
    private let cutRefund: Double
    /// Least cost to the end with weights and cuts priced and activations free.
    private let weightPricedToGo: [Double]

    init(_ graph: ChainGraph, bound: LagrangianBound, alike: InterchangeableDevices) {
        self.graph = graph
        self.bound = bound
        self.alike = alike
        need = RemainingNeed(graph)
        dominance = Dominance(graph: graph, need: need, alike: alike)
        secondsToGo = ShortestPath.costToGo(graph, nodeCost: graph.nodeS)
        let weightPrice = bound.prices.weight
        var cutPrice = [Double](repeating: 0, count: graph.nodeS.count)
        var cutRefund = 0.0
        for (index, cut) in bound.cuts.enumerated() {
            cutRefund += bound.prices.cuts[index] * Double(cut.limit)
            for layer in cut.layers { cutPrice[layer * graph.deviceCount + cut.device] += bound.prices.cuts[index] }
        }
        let priced = graph.nodeS.indices.map { node in
            let layer = node / graph.deviceCount
            return graph.nodeS[node] + cutPrice[node]
                + weightPrice[node % graph.deviceCount] * Double(graph.weightBytes[layer])
        }
        self.weightPrice = weightPrice
        self.cutPrice = cutPrice
        self.cutRefund = cutRefund
        weightPricedToGo = ShortestPath.costToGo(graph, nodeCost: priced)
    }

    /// Searches for a path cheaper than `upperS`.
    func search(upperS: Double, maximumLabels: Int) -> Outcome {
        var layers: [LabelSet] = []
        var droppedS = Double.infinity
        var made = 0
        for layer in 0..<graph.layerCount {
            var labels = layer == 0 ? start(upperS: upperS) : extend(layers[layer - 1], to: layer, upperS: upperS)
            if labels.count > 6 * maximumLabels {
                // Comparing so many costs more than it saves: the worst bounds go first.
                droppedS = min(droppedS, keepBest(6 * maximumLabels, of: &labels))
            }
            made += labels.count
            var kept =
                layer + 1 < graph.layerCount ? dominance.undominated(labels, layer: layer) : Array(0..<labels.count)
            if kept.count > maximumLabels {
                kept.sort { (labels.boundS[$0], $0) < (labels.boundS[$1], $1) }
                droppedS = min(droppedS, labels.boundS[kept[maximumLabels]])
                kept.removeSubrange(maximumLabels...)
            }
            labels.keep(kept)
            layers.append(labels)
            if labels.count == 0 { return Outcome(path: nil, boundS: droppedS, labelsMade: made) }
        }
        let last = layers[graph.layerCount - 1]
        var best = 0
        for label in 0..<last.count where last.seconds[label] < last.seconds[best] { best = label }
        return Outcome(path: trace(layers, best), boundS: min(droppedS, last.seconds[best]), labelsMade: made)
    }

    /// Keeps the labels of least bound, in their order; returns the least bound dropped.
    private func keepBest(_ maximum: Int, of labels: inout LabelSet) -> Double {
        let ordered = (0..<labels.count).sorted { (labels.boundS[$0], $0) < (labels.boundS[$1], $1) }
        let dropped = labels.boundS[ordered[maximum]]
        labels.keep(ordered[..<maximum].sorted())
        return dropped
    }

    private func trace(_ layers: [LabelSet], _ last: Int) -> [Int] {
        var path = [Int](repeating: 0, count: layers.count)
        var label = last
        for layer in stride(from: layers.count - 1, through: 0, by: -1) {
            path[layer] = layers[layer].device[label]
            label = layers[layer].parent[label]
        }
        return path
    }

    private func start(upperS: Double) -> LabelSet {
        var labels = LabelSet(deviceCount: graph.deviceCount)
        for device in 0..<graph.deviceCount where graph.allowed[device] {
            let boundS = bound.costToGo[device] - bound.refund
            guard boundS < upperS else { continue }
            labels.append(
                seconds: graph.nodeS[device], pricedSeconds: bound.nodeCost[device], cutSeconds: cutPrice[device],
                boundS: boundS, device: device, parent: 0, from: nil, weightBytes: graph.weightBytes[0],
                activationPeakBytes: graph.activationPeakBytes[0])
        }
        return labels
    }

    private func extend(_ before: LabelSet, to layer: Int, upperS: Double) -> LabelSet {
        let count = graph.deviceCount
        var labels = LabelSet(deviceCount: count)
        for parent in 0..<before.count {
            let last = before.device[parent]
            let edges = ((layer - 1) * count + last) * count
            let room = Room(before, parent, graph: graph, price: weightPrice)
            for device in 0..<count {
                let node = layer * count + device
                guard graph.allowed[node], graph.edgeS[edges + device].isFinite else { continue }
                guard !isTwin(device, of: before, parent, last: last) else { continue }
                let weights = before.weightBytes(parent, device) + graph.weightBytes[layer]
                let peakBefore = before.activationPeakBytes(parent, device)
                let peak = max(peakBefore, graph.activationPeakBytes[layer])
                guard weights + peak <= graph.capacityBytes[device] else { continue }
                let added = graph.weightBytes[layer] + peak - peakBefore
                guard room.bytes - added >= need.totalWeightBytes[layer] else { continue }

                let seconds = before.seconds[parent] + graph.edgeS[edges + device] + graph.nodeS[node]
                let priced = before.pricedSeconds[parent] + graph.edgeS[edges + device] + bound.nodeCost[node]
                let toGo = priced - bound.nodeCost[node] + bound.costToGo[node] - bound.refund
                let ownWeights = weightPrice[device] * Double(graph.weightBytes[layer])
                let exactPeaks =
                    seconds - graph.nodeS[node] - ownWeights + weightPricedToGo[node] + before.cutSeconds[parent]
                    - cutRefund - (room.price - weightPrice[device] * Double(added))
                let unpriced = seconds - graph.nodeS[node] + secondsToGo[node]
                let boundS = max(toGo, exactPeaks, unpriced)
                guard boundS < upperS else { continue }
                labels.append(
                    seconds: seconds, pricedSeconds: priced, cutSeconds: before.cutSeconds[parent] + cutPrice[node],
                    boundS: boundS, device: device, parent: parent, from: before, weightBytes: weights,
                    activationPeakBytes: peak)
            }
        }
        return labels
    }

    /// Is there a lower device just like this one, holding the same? Then its path stands for this one's.
    private func isTwin(_ device: Int, of labels: LabelSet, _ label: Int, last: Int) -> Bool {
        guard device != last, let group = alike.groupOf[device] else { return false }
        for other in alike.groups[group] {
            guard other < device else { return false }
            if other != last, labels.weightBytes(label, other) == labels.weightBytes(label, device),
                labels.activationPeakBytes(label, other) == labels.activationPeakBytes(label, device)
            {
                return true
            }
        }
        return false
    }
}

/// What a label leaves free, over all devices.
private struct Room {
    /// Bytes free, devices that offer nothing left out.
    var bytes = 0
    /// The free bytes at the price of their device.
    var price = 0.0

    init(_ labels: LabelSet, _ label: Int, graph: ChainGraph, price: [Double]) {
        for device in 0..<graph.deviceCount {
            let free =
                graph.capacityBytes[device] - labels.weightBytes(label, device)
                - labels.activationPeakBytes(label, device)
            bytes += max(0, free)
            self.price += price[device] * Double(free)
        }
    }
}
