/// The part of a `ChainNetwork` that a node of the search may still use, packed for shortest paths.
///
/// At each boundary between layers there are *ends* (a step in some mode has just finished) and *starts* (a step in some
/// mode is about to begin), only those that an allowed step touches. Arcs are steps, from a start to an end; moves lead
/// from the ends to the starts of a boundary, one dense matrix each. A path from the starts of boundary 0 to the ends of
/// the last boundary, with arcs and moves in turn, is a schedule, but for what no path can see: one mode for each
/// device, limits, memories, waits.
struct StageGraph {
    let layerCount: Int
    /// First start of each boundary, flat list of modes: `layerCount + 1` offsets, the last boundary has none.
    private(set) var startOffset: [Int] = [0]
    private(set) var startMode: [Int] = []
    /// First end of each boundary: `layerCount + 2` offsets, boundary 0 has none.
    private(set) var endOffset: [Int] = [0]
    private(set) var endMode: [Int] = []
    /// Boundary of each end.
    private(set) var endBoundary: [Int] = []
    /// First arc of each start.
    private(set) var arcOffset: [Int] = [0]
    private(set) var arcStart: [Int] = []
    private(set) var arcEnd: [Int] = []
    private(set) var arcLength: [Int] = []
    /// The program's step index of each arc.
    private(set) var arcStep: [Int] = []
    /// Flat: `quantity * arcCount + arc`.
    private(set) var arcFigure: [Double] = []
    /// Load on the device; empty where there are no loads.
    private(set) var arcLoad: [Double] = []
    /// Seconds of the hidden load; empty where there are none.
    private(set) var arcHiddenS: [Double] = []
    /// Arcs that finish in each end: offsets and arcs.
    private(set) var inOffset: [Int] = [0]
    private(set) var inArc: [Int] = []
    /// First move of each boundary: a matrix of its ends by its starts.
    private(set) var moveOffset: [Int] = []
    /// Flat: `quantity * moveCount + move`; zero where the move is not allowed.
    private(set) var moveFigure: [Double] = []
    /// Zero, or infinite where the move is not allowed.
    private(set) var moveBlock: [Double] = []
    /// Load on the device that is left; empty where there are no loads.
    private(set) var moveLoad: [Double] = []

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
        let modeCount = network.modeCount
        let length = network.program.maximumStepLength
        var hasEnd = [Bool](repeating: false, count: (layerCount + 1) * modeCount)
        var endIndex = [Int](repeating: -1, count: (layerCount + 1) * modeCount)
        for first in 0..<layerCount {
            for size in 1...min(length, layerCount - first) {
                let row = (first * length + size - 1) * modeCount
                for mode in 0..<modeCount where isKept[row + mode] { hasEnd[(first + size) * modeCount + mode] = true }
            }
        }
        for boundary in 0...layerCount {
            for mode in 0..<modeCount where hasEnd[boundary * modeCount + mode] {
                endIndex[boundary * modeCount + mode] = endMode.count
                endMode.append(mode)
                endBoundary.append(boundary)
            }
            endOffset.append(endMode.count)
        }
        addArcs(network, isKept: isKept, endIndex: endIndex)
        addMoves(network)
    }

    private mutating func addArcs(_ network: ChainNetwork, isKept: [Bool], endIndex: [Int]) {
        let program = network.program
        let modeCount = network.modeCount
        let length = program.maximumStepLength
        var incoming = [Int](repeating: 0, count: endCount + 1)
        for first in 0..<layerCount {
            for mode in 0..<modeCount {
                let before = arcEnd.count
                for size in 1...min(length, layerCount - first) {
                    let step = (first * length + size - 1) * modeCount + mode
                    guard isKept[step] else { continue }
                    let end = endIndex[(first + size) * modeCount + mode]
                    arcStart.append(startMode.count)
                    arcEnd.append(end)
                    arcLength.append(size)
                    arcStep.append(step)
                    incoming[end + 1] += 1
                }
                guard arcEnd.count > before else { continue }
                startMode.append(mode)
                arcOffset.append(arcEnd.count)
            }
            startOffset.append(startMode.count)
        }
        for end in 0..<endCount { incoming[end + 1] += incoming[end] }
        inOffset = incoming
        inArc = [Int](repeating: 0, count: arcCount)
        for arc in 0..<arcCount {
            inArc[incoming[arcEnd[arc]]] = arc
            incoming[arcEnd[arc]] += 1
        }
        arcFigure.reserveCapacity(network.quantityCount * arcCount)
        for quantity in network.quantityOf {
            for step in arcStep { arcFigure.append(program.steps[step * program.quantityCount + quantity]) }
        }
        if network.hasLoads { arcLoad = arcStep.map { program.stepLoads[$0] } }
        if let hidden = program.hiddenLoads { arcHiddenS = arcStep.map { hidden.loadS[$0] } }
    }

    private mutating func addMoves(_ network: ChainNetwork) {
        let program = network.program
        let modeCount = network.modeCount
        let stride = program.quantityCount
        moveOffset = [0, 0]
        var indices: [Int] = []
        for boundary in 1..<max(1, layerCount) {
            for end in ends(boundary) {
                let row = (boundary * modeCount + endMode[end]) * modeCount
                for start in starts(boundary) { indices.append(row + startMode[start]) }
            }
            moveOffset.append(indices.count)
        }
        moveBlock = indices.map { program.moves[$0 * stride].isFinite ? 0 : .infinity }
        moveFigure.reserveCapacity(network.quantityCount * indices.count)
        for quantity in network.quantityOf {
            for (move, index) in indices.enumerated() {
                moveFigure.append(moveBlock[move] == 0 ? program.moves[index * stride + quantity] : 0)
            }
        }
        guard network.hasLoads else { return }
        moveLoad = indices.map { program.moves[$0 * stride].isFinite ? program.moveLoads[$0] : 0 }
    }
}
