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
            heldPeak[device] = max(heldPeak[device], network.program.activationPeakBytes[layer])
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
                peak = max(peak, network.program.activationPeakBytes[layer])
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
        let walk = RunWalk(graph, runs, costs)
        defer { walk.deallocate() }
        var end = [Double](repeating: .infinity, count: graph.endCount)
        for last in graph.ends(graph.layerCount) {
            walk.leave[last] = 0
            end[last] = 0
        }
        for boundary in stride(from: graph.layerCount - 1, through: 0, by: -1) {
            let starts = graph.starts(boundary)
            for index in starts {
                let arc = graph.arcOffset[index]
                let best = walk.goingOn(from: graph.arcEnd[arc], at: boundary + 1, to: runs.last[arc])
                walk.start[index] = costs.arc[arc] + best.cost
                walk.until[index] = best.boundary
            }
            guard boundary > 0 else { continue }
            var base = graph.moveOffset[boundary] - starts.lowerBound
            for index in graph.ends(boundary) {
                walk.leave[index] = walk.leaving(to: starts, mode: graph.endMode[index], moves: base)
                base += starts.count
                let before = graph.inArc[graph.inOffset[index]]
                end[index] = walk.goingOn(from: index, at: boundary, to: runs.last[before]).cost
            }
        }
        self.init(
            end: end, start: Array(walk.start), leave: Array(walk.leave), until: Array(walk.until),
            least: graph.starts(0).map { walk.start[$0] }.min() ?? .infinity)
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
private struct RunWalk {
    /// As in `CostToGo`, and where the run of each start is left.
    let leave: UnsafeMutableBufferPointer<Double>
    let start: UnsafeMutableBufferPointer<Double>
    let until: UnsafeMutableBufferPointer<Int>
    private let graph: StageGraph
    private let runs: StageRuns
    private let costs: StageCosts

    init(_ graph: StageGraph, _ runs: StageRuns, _ costs: StageCosts) {
        self.graph = graph
        self.runs = runs
        self.costs = costs
        leave = .allocate(capacity: graph.endCount)
        start = .allocate(capacity: graph.startCount)
        until = .allocate(capacity: graph.startCount)
        leave.initialize(repeating: .infinity)
        start.initialize(repeating: .infinity)
        until.initialize(repeating: 0)
    }

    func deallocate() {
        leave.deallocate()
        start.deallocate()
        until.deallocate()
    }

    /// The least cost of a move from a mode to any other, and of what follows; `moves` lead to the starts by number.
    func leaving(to starts: Range<Int>, mode: Int, moves: Int) -> Double {
        graph.startMode.withUnsafeBufferPointer { startMode in
            costs.move.withUnsafeBufferPointer { move in
                var best = Double.infinity
                for next in starts where startMode[next] != mode { best = min(best, move[moves + next] + start[next]) }
                return best
            }
        }
    }

    /// The least cost after an end where its run may go on to a boundary, and the boundary at which it is left.
    func goingOn(from end: Int, at first: Int, to last: Int) -> (cost: Double, boundary: Int) {
        var current = end
        var sum = 0.0
        var boundary = first
        var best = (cost: leave[end], boundary: first)
        while boundary < last {
            let arc = runs.nextArc[current]
            let next = graph.arcStart[arc]
            sum += costs.move[runs.nextMove[current]]
            let whole = sum + start[next]
            guard whole < best.cost else { return best }
            if until[next] <= last { return (whole, until[next]) }
            sum += costs.arc[arc]
            current = graph.arcEnd[arc]
            boundary += 1
            let cost = sum + leave[current]
            if cost < best.cost { best = (cost, boundary) }
        }
        return best
    }
}
