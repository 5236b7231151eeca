/// Puts prices on the arcs and moves of a `StageGraph`.
enum StagePricing {
    /// The figures, each quantity at its worth.
    static func costs(_ network: ChainNetwork, _ graph: StageGraph, worth: [Double]) -> StageCosts {
        StageCosts(
            arc: weighted(graph.arcFigure, count: graph.arcCount, worth: worth, base: nil),
            move: weighted(graph.moveFigure, count: graph.moveCount, worth: worth, base: graph.moveBlock))
    }

    private static func weighted(_ figures: [Double], count: Int, worth: [Double], base: [Double]?) -> [Double] {
        var sums = base ?? [Double](repeating: 0, count: count)
        sums.withUnsafeMutableBufferPointer { sums in
            figures.withUnsafeBufferPointer { figures in
                for (quantity, worth) in worth.enumerated() where worth != 0 {
                    let start = quantity * count
                    for index in 0..<count { sums[index] += worth * figures[start + index] }
                }
            }
        }
        return sums
    }

    static func addLoads(_ costs: inout StageCosts, _ network: ChainNetwork, _ graph: StageGraph, price: [Double]) {
        for arc in 0..<graph.arcCount {
            costs.arc[arc] += price[network.deviceOf[graph.endMode[graph.arcEnd[arc]]]] * graph.arcLoad[arc]
        }
        for boundary in 1..<max(1, graph.layerCount) {
            var move = graph.moveOffset[boundary]
            let width = graph.starts(boundary).count
            for end in graph.ends(boundary) {
                let price = price[network.deviceOf[graph.endMode[end]]]
                for index in move..<(move + width) { costs.move[index] += price * graph.moveLoad[index] }
                move += width
            }
        }
    }

    /// Memory at its price: weights, each layer's own activation peak, and covers.
    static func addMemory(
        _ costs: inout StageCosts, _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds,
        weight: [Double], peak: [Double]?, covers: [MemoryCover], coverPrices: [Double]
    ) {
        let layers = network.layerCount
        let devices = network.deviceCount
        var before = [Double](repeating: 0, count: devices * (layers + 1))
        for device in needs.memoryDevices {
            let base = device * (layers + 1)
            for layer in 0..<layers {
                before[base + layer + 1] = weight[device] * Double(network.program.weightBytes[layer])
                guard let peak else { continue }
                before[base + layer + 1] +=
                    peak[layer * devices + device] * Double(needs.addedPeakBytes(network, layer, on: device))
            }
        }
        for (cover, price) in zip(covers, coverPrices) where price > 0 {
            for layer in cover.layers { before[cover.device * (layers + 1) + layer + 1] += price }
        }
        // All devices: a cover may be of one that has room enough by now.
        for device in 0..<devices {
            let base = device * (layers + 1)
            for layer in 0..<layers { before[base + layer + 1] += before[base + layer] }
        }
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            let base = network.deviceOf[graph.endMode[end]] * (layers + 1) + graph.endBoundary[end]
            costs.arc[arc] += before[base] - before[base - graph.arcLength[arc]]
        }
    }
}
