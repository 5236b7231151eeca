/// Shortest paths through a layered graph, O(layers x devices^2), with the node costs given apart.
///
/// With the true node costs this is the optimum where no memory binds.
enum ShortestPath {
    /// Least cost from the node to the end, its own cost included; infinite for a node that cannot finish.
    static func costToGo(_ graph: ChainGraph, nodeCost: [Double]) -> [Double] {
        let count = graph.deviceCount
        var toGo = [Double](repeating: .infinity, count: nodeCost.count)
        for layer in stride(from: graph.layerCount - 1, through: 0, by: -1) {
            for device in 0..<count {
                let node = layer * count + device
                guard graph.allowed[node] else { continue }
                guard layer + 1 < graph.layerCount else {
                    toGo[node] = nodeCost[node]
                    continue
                }
                var best = Double.infinity
                for next in 0..<count {
                    best = min(best, graph.edgeS[node * count + next] + toGo[(layer + 1) * count + next])
                }
                toGo[node] = nodeCost[node] + best
            }
        }
        return toGo
    }
}
