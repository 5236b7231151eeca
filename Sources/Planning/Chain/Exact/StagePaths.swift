/// What arcs and moves of a `StageGraph` cost, for one shortest path computation.
struct StageCosts {
    /// By arc.
    var arc: [Double]
    /// By move; infinite where it is not allowed.
    var move: [Double]
    /// What an arc costs more by its hidden load, right after a step in the same mode or at the very start; by arc,
    /// empty where there are no hidden loads.
    var wait: [Double] = []
}

/// A path through a `StageGraph`: its arcs in order.
typealias StagePath = [Int]

/// Least costs from every place of a `StageGraph` to the end, O(arcs + moves).
struct CostToGo {
    /// From an end to the last boundary; infinite where there is no way.
    private(set) var end: [Double]
    /// From a start, the step included, after another device.
    private(set) var start: [Double]
    /// The same right after a step in the same mode; empty where there are no hidden loads.
    private(set) var startAgain: [Double] = []
    /// From an end by a move to another mode; empty where runs are not followed.
    private(set) var leave: [Double] = []
    /// The boundary at which the run of a start is left; empty where runs are not followed.
    private(set) var until: [Int] = []
    /// The least of complete paths.
    private(set) var least: Double

    init(end: [Double], start: [Double], leave: [Double], until: [Int] = [], least: Double) {
        self.end = end
        self.start = start
        self.leave = leave
        self.until = until
        self.least = least
    }

    init(_ graph: StageGraph, _ costs: StageCosts) {
        if graph.runs.areFollowed {
            self.init(graph, graph.runs, costs)
            return
        }
        var end = [Double](repeating: .infinity, count: graph.endCount)
        var start = [Double](repeating: .infinity, count: graph.startCount)
        let hasWaits = !costs.wait.isEmpty
        var again = hasWaits ? start : []
        for last in graph.ends(graph.layerCount) { end[last] = 0 }
        for boundary in stride(from: graph.layerCount - 1, through: 0, by: -1) {
            for index in graph.starts(boundary) {
                var best = Double.infinity
                var bestAgain = Double.infinity
                for arc in graph.arcs(index) {
                    let cost = costs.arc[arc] + end[graph.arcEnd[arc]]
                    best = min(best, cost)
                    if hasWaits { bestAgain = min(bestAgain, cost + costs.wait[arc]) }
                }
                start[index] = hasWaits && boundary == 0 ? bestAgain : best
                if hasWaits { again[index] = bestAgain }
            }
            guard boundary > 0 else { continue }
            Self.overMoves(graph, boundary, costs.move, start: start, end: &end)
            guard hasWaits else { continue }
            // A move to the same mode leads to a start that waits for its load.
            for index in graph.ends(boundary) {
                let mode = graph.endMode[index]
                var best = Double.infinity
                for next in graph.starts(boundary) {
                    let toGo = graph.startMode[next] == mode ? again[next] : start[next]
                    best = min(best, costs.move[graph.move(boundary, end: index, start: next)] + toGo)
                }
                end[index] = best
            }
        }
        self.init(end: end, start: start, leave: [], least: graph.starts(0).map { start[$0] }.min() ?? .infinity)
        startAgain = again
    }

    private static func overMoves(
        _ graph: StageGraph, _ boundary: Int, _ move: [Double], start: [Double], end: inout [Double]
    ) {
        let starts = graph.starts(boundary)
        let ends = graph.ends(boundary)
        var base = graph.moveOffset[boundary]
        move.withUnsafeBufferPointer { move in
            start.withUnsafeBufferPointer { start in
                for index in ends {
                    var best = Double.infinity
                    for next in 0..<starts.count {
                        let cost = move[base + next] + start[starts.lowerBound + next]
                        if cost < best { best = cost }
                    }
                    end[index] = best
                    base += starts.count
                }
            }
        }
    }

    /// A path of least cost, the first among equals; nil where there is none.
    func path(_ graph: StageGraph, _ costs: StageCosts) -> StagePath? {
        guard leave.isEmpty else { return self.path(graph, graph.runs, costs) }
        guard least < .infinity else { return nil }
        var path: StagePath = []
        var boundary = 0
        var previous: Int?
        while boundary < graph.layerCount {
            var best = Double.infinity
            var bestArc: Int?
            for next in graph.starts(boundary) {
                var move = 0.0
                var waits = boundary == 0
                if let previous {
                    move = costs.move[graph.move(boundary, end: previous, start: next)]
                    waits = graph.endMode[previous] == graph.startMode[next]
                }
                guard move < .infinity else { continue }
                for arc in graph.arcs(next) {
                    var cost = move + costs.arc[arc] + end[graph.arcEnd[arc]]
                    if waits, !costs.wait.isEmpty { cost += costs.wait[arc] }
                    guard cost < best else { continue }
                    best = cost
                    bestArc = arc
                }
            }
            guard let bestArc else { return nil }
            path.append(bestArc)
            previous = graph.arcEnd[bestArc]
            boundary += graph.arcLength[bestArc]
        }
        return path
    }
}

/// Least costs from the start to every arc of a `StageGraph`.
struct CostSoFar {
    /// To each arc, what comes before it and the arc itself with the wait that this needs.
    private(set) var arc: [Double]

    init(_ graph: StageGraph, _ costs: StageCosts) {
        var end = [Double](repeating: .infinity, count: graph.endCount)
        var arcSum = [Double](repeating: .infinity, count: graph.arcCount)
        let hasWaits = !costs.wait.isEmpty
        for boundary in 0..<graph.layerCount {
            let ends = graph.ends(boundary)
            for index in graph.starts(boundary) {
                var best = boundary == 0 ? 0 : Double.infinity
                var bestAgain = boundary == 0 ? 0 : Double.infinity
                if boundary > 0 {
                    var move = graph.move(boundary, end: ends.lowerBound, start: index)
                    let width = graph.starts(boundary).count
                    for before in ends {
                        let cost = end[before] + costs.move[move]
                        move += width
                        if hasWaits, graph.endMode[before] == graph.startMode[index] {
                            bestAgain = min(bestAgain, cost)
                        } else {
                            best = min(best, cost)
                        }
                    }
                } else if hasWaits {
                    best = .infinity
                }
                for arc in graph.arcs(index) {
                    var cost = best + costs.arc[arc]
                    if hasWaits { cost = min(cost, bestAgain + costs.arc[arc] + costs.wait[arc]) }
                    arcSum[arc] = cost
                    let last = graph.arcEnd[arc]
                    end[last] = min(end[last], cost)
                }
            }
        }
        arc = arcSum
    }
}

extension StageGraph {
    /// The schedule of a path.
    func schedule(_ path: StagePath) -> ChainSchedule {
        ChainSchedule(
            path.map { arc in
                let end = arcEnd[arc]
                return ChainSchedule.Step(
                    first: endBoundary[end] - arcLength[arc], length: arcLength[arc], mode: endMode[end])
            })
    }
}
