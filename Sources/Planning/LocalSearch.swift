/// Improves a path that fits by moving runs of consecutive layers to another device, until no move helps.
enum LocalSearch {
    static func improve(_ start: [Int], in graph: ChainGraph) -> (path: [Int], seconds: Double) {
        var path = start
        // Each round takes the best move of all; the limit only guards against rounding that would cycle.
        for _ in 0..<(4 * graph.layerCount) {
            guard let better = bestMove(path, in: graph) else { break }
            path = better
        }
        return (path, graph.seconds(of: path))
    }

    private static func bestMove(_ path: [Int], in graph: ChainGraph) -> [Int]? {
        let count = graph.deviceCount
        func edge(_ layer: Int, _ from: Int, _ to: Int) -> Double {
            graph.edgeS[(layer * count + from) * count + to]
        }
        // Seconds of the path from its start to the end of each layer, the step into the layer included.
        var soFar = [Double](repeating: 0, count: path.count)
        for layer in path.indices {
            soFar[layer] = graph.nodeS[layer * count + path[layer]]
            if layer > 0 { soFar[layer] += soFar[layer - 1] + edge(layer - 1, path[layer - 1], path[layer]) }
        }
        let least = 1e-12 * (soFar.last ?? 0)
        var bestGain = least
        var best: [Int]?
        for first in path.indices {
            for device in 0..<count where device != path[first] {
                var moved = first > 0 ? edge(first - 1, path[first - 1], device) : 0
                for last in first..<path.count {
                    let node = last * count + device
                    guard graph.allowed[node] else { break }
                    moved += graph.nodeS[node] + (last > first ? edge(last - 1, device, device) : 0)
                    var before = soFar[last] - (first > 0 ? soFar[first - 1] : 0)
                    var after = moved
                    if last + 1 < path.count {
                        before += edge(last, path[last], path[last + 1])
                        after += edge(last, device, path[last + 1])
                    }
                    guard before - after > bestGain else { continue }
                    var candidate = path
                    for layer in first...last { candidate[layer] = device }
                    guard graph.fits(candidate) else { continue }
                    bestGain = before - after
                    best = candidate
                }
            }
        }
        return best
    }
}
