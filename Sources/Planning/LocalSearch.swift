/// Improves a path that fits by moving runs of consecutive layers to another device, until no move helps.
enum LocalSearch {
    static func improve(_ start: [Int], in graph: ChainGraph) -> (path: [Int], seconds: Double) {
        var path = start
        var seconds = graph.seconds(of: path)
        // Each round takes the best move of all; the limit only guards against rounding that would cycle.
        for _ in 0..<(4 * graph.layerCount) {
            guard let better = bestMove(path, seconds, in: graph) else { break }
            path = better.path
            seconds = better.seconds
        }
        return (path, seconds)
    }

    private static func bestMove(
        _ path: [Int], _ seconds: Double, in graph: ChainGraph
    ) -> (path: [Int], seconds: Double)? {
        let count = graph.deviceCount
        var best: (path: [Int], seconds: Double)?
        for first in 0..<path.count {
            for device in 0..<count {
                var moved = path
                for last in first..<path.count {
                    let node = last * count + device
                    guard graph.allowed[node] else { break }
                    moved[last] = device
                    if path[last] == device && last == first { break }
                    let cost = graph.seconds(of: moved)
                    guard cost < (best?.seconds ?? seconds * (1 - 1e-12)), graph.fits(moved) else { continue }
                    best = (moved, cost)
                }
            }
        }
        return best
    }
}
