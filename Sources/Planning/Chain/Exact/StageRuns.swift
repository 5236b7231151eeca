/// How long a device can go on with consecutive layers before its memory is full.
///
/// A shortest path that must leave a device when a single run no longer fits there is still quick to find, and bounds
/// better than prices on memory alone: a state-space relaxation (Christofides, Mingozzi, Toth: "State-space relaxation
/// procedures for the computation of bounds to routing problems", Networks 11, 1981).
struct StageRuns {
    /// Moves of the graph that the layers of all runs may be in number, besides `alwaysAffordable`: else runs are not
    /// followed, as the paths would take too long.
    private static let affordableShare = 8
    private static let alwaysAffordable = 20_000

    /// The step that goes on in the same mode, by end; -1 where there is none. Empty where runs are not followed.
    private(set) var nextArc: [Int] = []
    /// The move into that step.
    private(set) var nextMove: [Int] = []
    /// The boundary to which a run can go on that begins with an arc.
    private(set) var last: [Int] = []

    /// Layers of all runs together.
    private(set) var count = 0

    var areFollowed: Bool { !last.isEmpty }

    /// Runs that are not followed.
    init() {}

    /// For a graph whose steps are single layers, where memory ends some run.
    init(_ network: ChainNetwork, _ graph: StageGraph) {
        guard network.program.maximumStepLength == 1, network.hiddenQuantity == nil else { return }
        var nextArc = [Int](repeating: -1, count: graph.endCount)
        var nextMove = nextArc
        for boundary in 1..<max(1, graph.layerCount) {
            for end in graph.ends(boundary) {
                for start in graph.starts(boundary) where graph.startMode[start] == graph.endMode[end] {
                    let move = graph.move(boundary, end: end, start: start)
                    guard graph.moveBlock[move] == 0 else { continue }
                    nextArc[end] = graph.arcOffset[start]
                    nextMove[end] = move
                }
            }
        }
        // A layer with one device only is held there, whether or not the run comes to it.
        var owner = [Int](repeating: -1, count: graph.layerCount)
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            let device = network.deviceOf[graph.endMode[end]]
            let layer = graph.endBoundary[end] - 1
            owner[layer] = owner[layer] == -1 || owner[layer] == device ? device : -2
        }
        var heldBytes = [Int](repeating: 0, count: network.deviceCount)
        var heldPeak = heldBytes
        for (layer, device) in owner.enumerated() where device >= 0 {
            heldBytes[device] += network.program.weightBytes[layer]
            heldPeak[device] = max(heldPeak[device], network.program.workingPeakBytes[layer])
        }
        var last = [Int](repeating: 0, count: graph.arcCount)
        var isLimited = false
        var count = 0
        for first in 0..<graph.arcCount {
            let device = network.deviceOf[graph.endMode[graph.arcEnd[first]]]
            var bytes = heldBytes[device]
            var peak = heldPeak[device]
            var arc = first
            while true {
                let end = graph.arcEnd[arc]
                let layer = graph.endBoundary[end] - 1
                if owner[layer] != device { bytes += network.program.weightBytes[layer] }
                peak = max(peak, network.program.workingPeakBytes[layer])
                if bytes + peak > network.capacityBytes[device], arc != first {
                    isLimited = true
                    break
                }
                last[first] = layer + 1
                count += 1
                guard nextArc[end] >= 0 else { break }
                arc = nextArc[end]
            }
        }
        guard isLimited, count <= Self.affordableShare * graph.moveCount + Self.alwaysAffordable else { return }
        self.nextArc = nextArc
        self.nextMove = nextMove
        self.last = last
        self.count = count
    }
}

extension CostToGo {
    /// Least costs where no run is longer than fits.
    init(_ graph: StageGraph, _ runs: StageRuns, _ costs: StageCosts) {
        var end = [Double](repeating: .infinity, count: graph.endCount)
        var start = [Double](repeating: .infinity, count: graph.startCount)
        var leave = end
        var until = [Int](repeating: 0, count: graph.startCount)
        end.withUnsafeMutableBufferPointer { end in
            start.withUnsafeMutableBufferPointer { start in
                leave.withUnsafeMutableBufferPointer { leave in
                    until.withUnsafeMutableBufferPointer { until in
                        RunWalk.with(graph, runs, costs, leave: leave, start: start, until: until) {
                            $0.fill(graph, toGo: end)
                        }
                    }
                }
            }
        }
        let least = graph.starts(0).reduce(Double.infinity) { min($0, start[$1]) }
        self.init(end: end, start: start, leave: leave, until: until, least: least)
    }

    /// A path of least cost whose runs all fit; nil where there is none.
    func path(_ graph: StageGraph, _ runs: StageRuns, _ costs: StageCosts) -> StagePath? {
        guard least < .infinity else { return nil }
        var path: StagePath = []
        path.reserveCapacity(graph.layerCount)
        var boundary = 0
        while boundary < graph.layerCount {
            var best = Double.infinity
            var bestStart: Int?
            let previous = path.last.map { graph.arcEnd[$0] }
            for next in graph.starts(boundary) {
                var cost = start[next]
                if let previous {
                    guard graph.startMode[next] != graph.endMode[previous] else { continue }
                    cost += costs.move[graph.move(boundary, end: previous, start: next)]
                }
                guard cost < best else { continue }
                best = cost
                bestStart = next
            }
            guard let bestStart else { return nil }
            var arc = graph.arcOffset[bestStart]
            path.append(arc)
            boundary += 1
            while boundary < until[bestStart] {
                arc = runs.nextArc[graph.arcEnd[arc]]
                path.append(arc)
                boundary += 1
            }
        }
        return path
    }

    /// The least cost after an end where the device holds that much already, so that its run ends the earlier.
    func after(
        _ end: Int, weightBytes: Double, peakBytes: Double, capacityBytes: Double, _ graph: StageGraph,
        _ runs: StageRuns, _ costs: StageCosts, _ arcWeight: [Double], _ arcPeak: [Double]
    ) -> Double {
        var current = end
        var sum = 0.0
        var bytes = weightBytes
        var peak = peakBytes
        var best = leave[end]
        // Costs are at least zero, so that no later end is better than what has been paid by then.
        while sum < best, runs.nextArc[current] >= 0 {
            let arc = runs.nextArc[current]
            bytes += arcWeight[arc]
            peak = max(peak, arcPeak[arc])
            guard bytes + peak <= capacityBytes else { break }
            sum += costs.move[runs.nextMove[current]] + costs.arc[arc]
            current = graph.arcEnd[arc]
            best = min(best, sum + leave[current])
        }
        return best
    }

    /// By arc, the least cost of a path through it whose runs all fit.
    func through(_ graph: StageGraph, _ runs: StageRuns, _ costs: StageCosts) -> [Double] {
        var through = [Double](repeating: .infinity, count: graph.arcCount)
        // Least costs to each end, of runs that may be left there.
        var soFar = [Double](repeating: .infinity, count: graph.endCount)
        var run: [(arc: Int, cost: Double)] = []
        for boundary in 0..<graph.layerCount {
            let ends = graph.ends(boundary)
            for index in graph.starts(boundary) {
                var enter = boundary == 0 ? 0 : Double.infinity
                for before in ends where graph.endMode[before] != graph.startMode[index] {
                    enter = min(enter, soFar[before] + costs.move[graph.move(boundary, end: before, start: index)])
                }
                guard enter < .infinity else { continue }
                run.removeAll(keepingCapacity: true)
                let first = graph.arcOffset[index]
                var arc = first
                var sum = enter + costs.arc[arc]
                while true {
                    let end = graph.arcEnd[arc]
                    soFar[end] = min(soFar[end], sum)
                    run.append((arc, sum))
                    guard graph.endBoundary[end] < runs.last[first] else { break }
                    arc = runs.nextArc[end]
                    sum += costs.move[runs.nextMove[end]] + costs.arc[arc]
                }
                var best = Double.infinity
                for place in run.reversed() {
                    best = min(best, place.cost + leave[graph.arcEnd[place.arc]])
                    through[place.arc] = min(through[place.arc], best)
                }
            }
        }
        return through
    }
}

/// Follows runs along their layers while least costs to the end are found, the last boundary first.
///
/// A run that begins later fits at least as far. So what is least from the next layer on is least here too where it is
/// left early enough, and else a bound that as a rule ends the search: little more than O(arcs + moves) in all.
///
/// Where runs are followed every step is one layer, so that a start, its arc and its end have the same number.
private struct RunWalk {
    /// As in `CostToGo`, and where the run of each start is left.
    let leave: UnsafeMutableBufferPointer<Double>
    let start: UnsafeMutableBufferPointer<Double>
    let until: UnsafeMutableBufferPointer<Int>
    let arc: UnsafeBufferPointer<Double>
    let move: UnsafeBufferPointer<Double>
    let mode: UnsafeBufferPointer<Int>
    let nextArc: UnsafeBufferPointer<Int>
    let nextMove: UnsafeBufferPointer<Int>
    let last: UnsafeBufferPointer<Int>

    /// With the figures of a graph in place: no array is looked after while runs are followed.
    static func with(
        _ graph: StageGraph, _ runs: StageRuns, _ costs: StageCosts, leave: UnsafeMutableBufferPointer<Double>,
        start: UnsafeMutableBufferPointer<Double>, until: UnsafeMutableBufferPointer<Int>, _ body: (RunWalk) -> Void
    ) {
        costs.arc.withUnsafeBufferPointer { arc in
            costs.move.withUnsafeBufferPointer { move in
                graph.startMode.withUnsafeBufferPointer { mode in
                    runs.nextArc.withUnsafeBufferPointer { nextArc in
                        runs.nextMove.withUnsafeBufferPointer { nextMove in
                            runs.last.withUnsafeBufferPointer { last in
                                body(
                                    RunWalk(
                                        leave: leave, start: start, until: until, arc: arc, move: move, mode: mode,
                                        nextArc: nextArc, nextMove: nextMove, last: last))
                            }
                        }
                    }
                }
            }
        }
    }

    /// The least cost of a move from a mode to any other, and of what follows; `moves` lead to the starts by number.
    func leaving(to starts: Range<Int>, mode own: Int, moves: Int) -> Double {
        var best = Double.infinity
        for next in starts where mode[next] != own { best = min(best, move[moves + next] + start[next]) }
        return best
    }

    /// The least cost after an end where its run may go on to a boundary, and the boundary at which it is left.
    func goingOn(from end: Int, at first: Int, to last: Int) -> (cost: Double, boundary: Int) {
        var current = end
        var sum = 0.0
        var boundary = first
        var best = (cost: leave[end], boundary: first)
        while boundary < last {
            let next = nextArc[current]
            sum += move[nextMove[current]]
            let whole = sum + start[next]
            guard whole < best.cost else { return best }
            if until[next] <= last { return (whole, until[next]) }
            sum += arc[next]
            current = next
            boundary += 1
            let cost = sum + leave[current]
            if cost < best.cost { best = (cost, boundary) }
        }
        return best
    }

    /// Fills all of it; returns the least cost from each end where its run may go on.
    func fill(_ graph: StageGraph, toGo end: UnsafeMutableBufferPointer<Double>) {
        for final in graph.ends(graph.layerCount) {
            leave[final] = 0
            end[final] = 0
        }
        for boundary in stride(from: graph.layerCount - 1, through: 0, by: -1) {
            let starts = graph.starts(boundary)
            for index in starts {
                let best = goingOn(from: index, at: boundary + 1, to: last[index])
                start[index] = arc[index] + best.cost
                until[index] = best.boundary
            }
            guard boundary > 0 else { continue }
            var base = graph.moveOffset[boundary] - starts.lowerBound
            for index in graph.ends(boundary) {
                leave[index] = leaving(to: starts, mode: mode[index], moves: base)
                base += starts.count
                end[index] = goingOn(from: index, at: boundary, to: last[index]).cost
            }
        }
    }
}
