/// Shortest paths through a layered graph, O(layers x devices^2), with the node costs given apart.
///
/// With the true node costs this is the optimum where no memory binds; with penalties added it is the relaxation
/// inside the Lagrangian bound.
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

    /// Least cost from the start to the node, its own cost included; infinite for a node that cannot be reached.
    static func costSoFar(_ graph: ChainGraph, nodeCost: [Double]) -> [Double] {
        let count = graph.deviceCount
        var soFar = [Double](repeating: .infinity, count: nodeCost.count)
        for layer in 0..<graph.layerCount {
            for device in 0..<count {
                let node = layer * count + device
                guard graph.allowed[node] else { continue }
                guard layer > 0 else {
                    soFar[node] = nodeCost[node]
                    continue
                }
                var best = Double.infinity
                for before in 0..<count {
                    let previous = (layer - 1) * count + before
                    best = min(best, soFar[previous] + graph.edgeS[previous * count + device])
                }
                soFar[node] = best + nodeCost[node]
            }
        }
        return soFar
    }

    /// The path that `costToGo` promises, the lowest device index first among equals; nil where there is none.
    static func path(_ graph: ChainGraph, costToGo: [Double]) -> [Int]? {
        let count = graph.deviceCount
        var path: [Int] = []
        path.reserveCapacity(graph.layerCount)
        for layer in 0..<graph.layerCount {
            var best = Double.infinity
            var choice = -1
            for device in 0..<count {
                var cost = costToGo[layer * count + device]
                if let before = path.last { cost += graph.edgeS[((layer - 1) * count + before) * count + device] }
                if cost < best {
                    best = cost
                    choice = device
                }
            }
            guard choice >= 0 else { return nil }
            path.append(choice)
        }
        return path
    }
}
