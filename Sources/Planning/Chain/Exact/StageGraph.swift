/// The part of a `ChainNetwork` that a node of the search may still use, packed for shortest paths.
///
/// At each boundary between layers there are *ends* (a step in some mode has just finished) and *starts* (a step in
/// some mode is about to begin), only those that an allowed step touches. Arcs are steps, from a start to an end; moves
/// lead from the ends to the starts of a boundary, one dense matrix each. A path from the starts of boundary 0 to the
/// ends of the last boundary, with arcs and moves in turn, is a schedule, but for what no path can see: one mode for
/// each device, limits, memories, waits.
final class StageGraph {
    let layerCount: Int
    /// First start of each boundary, flat list of modes: `layerCount + 1` offsets, the last boundary has none.
    let startOffset: [Int]
    let startMode: [Int]
    /// First end of each boundary: `layerCount + 2` offsets, boundary 0 has none.
    let endOffset: [Int]
    let endMode: [Int]
    /// Boundary of each end.
    let endBoundary: [Int]
    /// First arc of each start.
    let arcOffset: [Int]
    let arcStart: [Int]
    let arcEnd: [Int]
    let arcLength: [Int]
    /// The program's step index of each arc.
    let arcStep: [Int]
    /// Flat: `quantity * arcCount + arc`.
    let arcFigure: [Double]
    /// Load on the device; empty where there are no loads.
    let arcLoad: [Double]
    /// Seconds of the hidden load; empty where there are none.
    let arcHiddenS: [Double]
    /// Arcs that finish in each end: offsets and arcs.
    let inOffset: [Int]
    let inArc: [Int]
    /// First move of each boundary: a matrix of its ends by its starts.
    let moveOffset: [Int]
    /// Flat: `quantity * moveCount + move`; zero where the move is not allowed.
    let moveFigure: [Double]
    /// Zero, or infinite where the move is not allowed.
    let moveBlock: [Double]
    /// Load on the device that is left; empty where there are no loads.
    let moveLoad: [Double]

    /// How far runs can go.
    private(set) var runs = StageRuns()

    var arcCount: Int { arcEnd.count }
    var moveCount: Int { moveBlock.count }
    var startCount: Int { startMode.count }
    var endCount: Int { endMode.count }

    func starts(_ boundary: Int) -> Range<Int> { startOffset[boundary]..<startOffset[boundary + 1] }
    func ends(_ boundary: Int) -> Range<Int> { endOffset[boundary]..<endOffset[boundary + 1] }
    func arcs(_ start: Int) -> Range<Int> { arcOffset[start]..<arcOffset[start + 1] }
    func boundaryOfStart(_ start: Int) -> Int { endBoundary[arcEnd[arcOffset[start]]] - arcLength[arcOffset[start]] }

    /// The move between an end and a start of the same boundary.
    func move(_ boundary: Int, end: Int, start: Int) -> Int {
        moveOffset[boundary] + (end - endOffset[boundary]) * (startOffset[boundary + 1] - startOffset[boundary])
            + start - startOffset[boundary]
    }

    /// The steps to keep, by the program's step index.
    init(_ network: ChainNetwork, isKept: [Bool]) {
        layerCount = network.layerCount
        let ends = EndList(network, isKept: isKept)
        let arcs = ArcList(network, isKept: isKept, endIndex: ends.index, endCount: ends.mode.count)
        let moves = MoveList(network, ends, arcs)
        endOffset = ends.offset
        endMode = ends.mode
        endBoundary = ends.boundary
        startOffset = arcs.startOffset
        startMode = arcs.startMode
        arcOffset = arcs.offset
        arcStart = arcs.start
        arcEnd = arcs.end
        arcLength = arcs.length
        arcStep = arcs.step
        inOffset = arcs.inOffset
        inArc = arcs.inArc
        moveOffset = moves.offset
        moveFigure = moves.figure
        moveBlock = moves.block
        moveLoad = moves.load
        let program = network.program
        var figures: [Double] = []
        figures.reserveCapacity(network.quantityCount * arcs.step.count)
        for quantity in network.quantityOf {
            for step in arcs.step { figures.append(program.steps[step * program.quantityCount + quantity]) }
        }
        arcFigure = figures
        arcLoad = network.hasLoads ? arcs.step.map { program.stepLoads[$0] } : []
        arcHiddenS = program.hiddenLoads.map { hidden in arcs.step.map { hidden.loadS[$0] } } ?? []
        runs = StageRuns(network, self)
    }

    private struct EndList {
        var offset = [0]
        var mode: [Int] = []
        var boundary: [Int] = []
        /// Flat by `boundary * modeCount + mode`; -1 where there is none.
        var index: [Int]

        init(_ network: ChainNetwork, isKept: [Bool]) {
            let modeCount = network.modeCount
            let layerCount = network.layerCount
            let length = network.program.maximumStepLength
            index = [Int](repeating: -1, count: (layerCount + 1) * modeCount)
            var hasEnd = [Bool](repeating: false, count: (layerCount + 1) * modeCount)
            for first in 0..<layerCount {
                for size in 1...min(length, layerCount - first) {
                    let row = (first * length + size - 1) * modeCount
                    let column = (first + size) * modeCount
                    for mode in 0..<modeCount where isKept[row + mode] { hasEnd[column + mode] = true }
                }
            }
            for last in 0...layerCount {
                for candidate in 0..<modeCount where hasEnd[last * modeCount + candidate] {
                    index[last * modeCount + candidate] = mode.count
                    mode.append(candidate)
                    boundary.append(last)
                }
                offset.append(mode.count)
            }
        }
    }

    private struct ArcList {
        var startOffset = [0]
        var startMode: [Int] = []
        var offset = [0]
        var start: [Int] = []
        var end: [Int] = []
        var length: [Int] = []
        var step: [Int] = []
        var inOffset: [Int]
        var inArc: [Int] = []

        init(_ network: ChainNetwork, isKept: [Bool], endIndex: [Int], endCount: Int) {
            let modeCount = network.modeCount
            let longest = network.program.maximumStepLength
            inOffset = [Int](repeating: 0, count: endCount + 1)
            for first in 0..<network.layerCount {
                for mode in 0..<modeCount {
                    let before = end.count
                    for size in 1...min(longest, network.layerCount - first) {
                        let index = (first * longest + size - 1) * modeCount + mode
                        guard isKept[index] else { continue }
                        let last = endIndex[(first + size) * modeCount + mode]
                        start.append(startMode.count)
                        end.append(last)
                        length.append(size)
                        step.append(index)
                        inOffset[last + 1] += 1
                    }
                    guard end.count > before else { continue }
                    startMode.append(mode)
                    offset.append(end.count)
                }
                startOffset.append(startMode.count)
            }
            for last in 0..<endCount { inOffset[last + 1] += inOffset[last] }
            var next = inOffset
            inArc = [Int](repeating: 0, count: end.count)
            for arc in end.indices {
                inArc[next[end[arc]]] = arc
                next[end[arc]] += 1
            }
        }
    }

    private struct MoveList {
        var offset = [0, 0]
        var figure: [Double] = []
        var block: [Double] = []
        var load: [Double] = []

        init(_ network: ChainNetwork, _ ends: EndList, _ arcs: ArcList) {
            let program = network.program
            let modeCount = network.modeCount
            let stride = program.quantityCount
            var indices: [Int] = []
            for boundary in 1..<max(1, network.layerCount) {
                for end in ends.offset[boundary]..<ends.offset[boundary + 1] {
                    let row = (boundary * modeCount + ends.mode[end]) * modeCount
                    for start in arcs.startOffset[boundary]..<arcs.startOffset[boundary + 1] {
                        indices.append(row + arcs.startMode[start])
                    }
                }
                offset.append(indices.count)
            }
            block = indices.map { program.moves[$0 * stride].isFinite ? 0 : .infinity }
            figure.reserveCapacity(network.quantityCount * indices.count)
            for quantity in network.quantityOf {
                for (move, index) in indices.enumerated() {
                    figure.append(block[move] == 0 ? program.moves[index * stride + quantity] : 0)
                }
            }
            guard network.hasLoads else { return }
            load = indices.map { program.moves[$0 * stride].isFinite ? program.moveLoads[$0] : 0 }
        }
    }
}
