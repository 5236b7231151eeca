import Sharing

/// Improves an assignment by one change after the other: fewer bytes beyond the devices' memories first, then less
/// latency under `SharedSchedule`.
///
/// Changes, tried in turn until none helps or the work is used up:
///
/// - a run of layers gets the layouts of another scheme; runs of 16 layers, of 8, of 4, of 2, single ones;
/// - a run of layers that are cut along the same dimension moves a part of one device's share to another;
/// - a layer that is cut along an axis moves some of it from one device to another;
/// - a run of layers becomes one segment without exchanges, with the halos that this takes.
struct SharingDescent {
    /// Assignments and their price, the better one first.
    struct Score: Comparable {
        var excessBytes: Int
        var latencyS: Double

        static func < (left: Score, right: Score) -> Bool {
            // What rounding may turn round is no gain.
            if left.excessBytes != right.excessBytes { return left.excessBytes < right.excessBytes }
            return left.latencyS < right.latencyS * (1 - 1e-9)
        }
    }

    /// Layers of the longest segment that is tried.
    private static let longestSegment = 6
    /// To ask a rule for a part takes as long as to price so many.
    private static let partWork = 25

    let table: PartTable
    let shared: SharedGraph
    let deviceCount: Int
    let plain: PlainLayouts
    /// Positions of each layer's operators.
    let layers: [Range<Int>]
    private let options: SharingOptions
    private let isMemoryLimited: Bool
    private var pricer: AssignmentPricer
    private var schemeParts: [[Int32]?]
    private(set) var numbers: [Int32] = []
    private(set) var score = Score(excessBytes: .max, latencyS: .infinity)
    /// Parts that may still be priced; one that is met for the first time counts as `partWork`.
    var workLeft: Int
    /// What a byte beyond a device's memory costs instead of coming first (nil: it comes first).
    private var secondsPerByte: Double?
    private var knownParts = 0
    private var saved: [Int32] = []

    init(
        _ table: PartTable, _ cluster: SharingCluster, _ plain: PlainLayouts, starts: [Int], work: Int,
        _ options: SharingOptions
    ) {
        self.table = table
        shared = table.shared
        deviceCount = cluster.deviceCount
        self.plain = plain
        let bounds = starts + [table.shared.graph.operators.count]
        layers = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        schemeParts = [[Int32]?](repeating: nil, count: plain.schemes.count * layers.count)
        pricer = AssignmentPricer(table, cluster)
        workLeft = work
        self.options = options
        isMemoryLimited = cluster.devices.contains { $0.memoryBytes != nil }
    }

    var layouts: [SharedLayout] { table.layouts(numbers, deviceCount: deviceCount) }
    private var isDone: Bool { workLeft <= 0 || options.timeIsUp || options.isTooMuch(table.byteCount) }

    /// Begins with an assignment. Throws where it does not fit the graph.
    mutating func begin(_ layouts: [SharedLayout]) throws(SharingError) {
        numbers.removeAll(keepingCapacity: true)
        for (position, layout) in layouts.enumerated() {
            do { numbers += try table.parts(position, layout) } catch { throw SharingError(error.description) }
        }
        score = priced()
    }

    private mutating func priced() -> Score {
        workLeft -= numbers.count + Self.partWork * (table.parts.count - knownParts)
        knownParts = table.parts.count
        let price = pricer.price(numbers)
        if let secondsPerByte {
            return Score(excessBytes: 0, latencyS: price.latencyS + secondsPerByte * Double(price.excessBytes))
        }
        return Score(excessBytes: price.excessBytes, latencyS: price.latencyS)
    }

    /// Goes from a fast assignment that does not fit to one that does: bytes beyond a device's memory cost more and
    /// more (a Lagrange multiplier for all devices), so that what costs little latency gives way first.
    mutating func runIntoMemory(rounds: Int) {
        guard score.excessBytes > 0 else { return run() }
        let workLast = workLeft / 4
        var price = score.latencyS / Double(score.excessBytes) / 4
        for round in 0..<rounds where score.excessBytes > 0 {
            let work = workLeft
            secondsPerByte = price
            score = priced()
            workLeft = max(1, (work - workLast) / (rounds - round))
            let share = workLeft
            run()
            workLeft = work - (share - workLeft)
            secondsPerByte = nil
            score = priced()
            price *= 4
        }
        run()
    }

    /// Goes on until nothing helps or the work is used up.
    mutating func run() {
        var isImproved = true
        while isImproved, !isDone {
            isImproved = false
            for length in [layers.count, 16, 8, 4, 2, 1] where length == 1 || length <= layers.count {
                isImproved = tryRuns(length) || isImproved
            }
            isImproved = tryRunShares() || isImproved
            isImproved = tryShares() || isImproved
            isImproved = tryExchanges() || isImproved
            isImproved = trySegments() || isImproved
        }
    }

    /// Keeps what was written to `numbers` from a position on if it is better than before.
    private mutating func keepIfBetter(_ places: Range<Int>) -> Bool {
        guard !numbers[places].elementsEqual(saved) else { return false }
        let new = priced()
        if new < score {
            score = new
            return true
        }
        numbers.replaceSubrange(places, with: saved)
        return false
    }

    private func places(_ positions: Range<Int>) -> Range<Int> {
        positions.lowerBound * deviceCount..<positions.upperBound * deviceCount
    }

    // MARK: Schemes

    private mutating func parts(_ scheme: Int, _ layer: Int) -> [Int32] {
        let index = scheme * layers.count + layer
        if let known = schemeParts[index] { return known }
        var parts: [Int32] = []
        for position in layers[layer] {
            guard let numbers = try? table.parts(position, plain.layout(scheme, position)) else {
                // A plain layout was asked of the same rules.
                schemeParts[index] = []
                return []
            }
            parts += numbers
        }
        schemeParts[index] = parts
        return parts
    }

    private mutating func tryRuns(_ length: Int) -> Bool {
        var isImproved = false
        var first = layers.count - length
        while first >= 0 {
            let run = first..<first + length
            let positions = layers[run.lowerBound].lowerBound..<layers[run.upperBound - 1].upperBound
            for scheme in plain.schemes.indices {
                if isDone { return isImproved }
                saved = Array(numbers[places(positions)])
                var place = positions.lowerBound * deviceCount
                for layer in run {
                    for number in parts(scheme, layer) {
                        numbers[place] = number
                        place += 1
                    }
                }
                if keepIfBetter(places(positions)) { isImproved = true }
            }
            first -= max(1, length / 2)
        }
        return isImproved
    }

    // MARK: Shares

    /// What a layer gives to the devices of the axis that it is cut along (nil: it is not cut along one axis).
    private func line(_ layer: Int) -> ShareLine? {
        let first = layers[layer].lowerBound
        guard let line = ShareLine(regions(first), shared.shape(of: first)) else { return nil }
        for position in layers[layer].dropFirst() {
            let shape = shared.shape(of: position)
            guard shape.indices.contains(line.axis), shape[line.axis] == line.extent,
                ShareLine(regions(position), shape) == line
            else { return nil }
        }
        return line
    }

    private func regions(_ position: Int) -> [Region] {
        (0..<deviceCount).map { table.region(numbers[position * deviceCount + $0], of: position) }
    }

    private mutating func write(_ line: ShareLine, _ layer: Int) -> Bool {
        for position in layers[layer] {
            let whole = Region.whole(shared.shape(of: position))
            for (device, range) in line.ranges.enumerated() {
                guard let number = try? table.part(position, whole.replacing(line.axis, with: range)) else {
                    return false
                }
                numbers[position * deviceCount + device] = number
            }
        }
        return true
    }

    private mutating func tryShares() -> Bool {
        var isImproved = false
        for layer in layers.indices.reversed() {
            guard var line = line(layer) else { continue }
            var step = max(1, line.extent / 4)
            while step >= 1 {
                var isGained = false
                for from in 0..<deviceCount where line.widths[from] > 0 {
                    for to in 0..<deviceCount where to != from {
                        if isDone { return isImproved }
                        guard let other = line.moving(step, from: from, to: to) else { continue }
                        saved = Array(numbers[places(layers[layer])])
                        guard write(other, layer) else {
                            numbers.replaceSubrange(places(layers[layer]), with: saved)
                            continue
                        }
                        if keepIfBetter(places(layers[layer])) {
                            line = other
                            isGained = true
                            isImproved = true
                        }
                    }
                }
                if !isGained { step /= 2 }
            }
        }
        return isImproved
    }

    /// Consecutive layers that are cut along axes that stand for the same.
    private func lineRuns() -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        var role: AxisRole?
        for layer in layers.indices {
            let own = line(layer).flatMap { line in
                shared.axisRoles[shared.tensor(of: layers[layer].lowerBound)]?[line.axis]
            }
            if own == nil || own != role {
                if role != nil, layer - start > 1 { runs.append(start..<layer) }
                start = layer
                role = own
            }
        }
        if role != nil, layers.count - start > 1 { runs.append(start..<layers.count) }
        return runs
    }

    private mutating func tryRunShares() -> Bool {
        var isImproved = false
        for run in lineRuns() {
            let positions = layers[run.lowerBound].lowerBound..<layers[run.upperBound - 1].upperBound
            for divisor in [4, 8, 16, 32, 64] {
                for from in 0..<deviceCount {
                    for to in 0..<deviceCount where to != from {
                        if isDone { return isImproved }
                        saved = Array(numbers[places(positions)])
                        for layer in run {
                            guard let line = line(layer) else { continue }
                            let step = min(line.widths[from], (line.extent + divisor / 2) / divisor)
                            guard let other = line.moving(step, from: from, to: to) else { continue }
                            _ = write(other, layer)
                        }
                        if keepIfBetter(places(positions)) { isImproved = true }
                    }
                }
            }
        }
        return isImproved
    }

    /// Layers of most weights that exchange shares with each other.
    private static let exchangedMost = 8

    /// Where devices are full: one device takes some of one layer, and gives as many bytes of weights of another.
    private mutating func tryExchanges() -> Bool {
        guard isMemoryLimited else { return false }
        let heavy = layers.indices.compactMap { layer -> (layer: Int, bytesPerElement: Double)? in
            guard let line = line(layer) else { return nil }
            let bytes = layers[layer].reduce(0) { sum, position in
                sum
                    + (0..<deviceCount).reduce(0) { sum, device in
                        let number = numbers[position * deviceCount + device]
                        return sum + (number >= 0 ? table.parts[Int(number)].ownWeightBytes : 0)
                    }
            }
            return bytes > 0 ? (layer, Double(bytes) / Double(line.extent)) : nil
        }.sorted { $0.bytesPerElement > $1.bytesPerElement }.prefix(Self.exchangedMost)
        var isImproved = false
        for one in heavy {
            for other in heavy where other.layer != one.layer {
                for from in 0..<deviceCount {
                    for to in 0..<deviceCount where to != from {
                        if isDone { return isImproved }
                        isImproved = tryExchange(one, other, from: from, to: to) || isImproved
                    }
                }
            }
        }
        return isImproved
    }

    private mutating func tryExchange(
        _ one: (layer: Int, bytesPerElement: Double), _ other: (layer: Int, bytesPerElement: Double), from: Int, to: Int
    ) -> Bool {
        guard let given = line(one.layer), let taken = line(other.layer) else { return false }
        let low = min(layers[one.layer].lowerBound, layers[other.layer].lowerBound)
        let high = max(layers[one.layer].upperBound, layers[other.layer].upperBound)
        var step = given.widths[from]
        while step >= 1 {
            let back = Int((Double(step) * one.bytesPerElement / other.bytesPerElement).rounded(.up))
            saved = Array(numbers[places(low..<high)])
            if let less = given.moving(step, from: from, to: to),
                let more = taken.moving(min(back, taken.widths[to]), from: to, to: from),
                write(less, one.layer), write(more, other.layer), keepIfBetter(places(low..<high))
            {
                return true
            }
            numbers.replaceSubrange(places(low..<high), with: saved)
            step /= 2
        }
        return false
    }

    // MARK: Segments

    private mutating func trySegments() -> Bool {
        var isImproved = false
        for scheme in plain.schemes.indices where ![.whole, .channels].contains(plain.schemes[scheme].cut) {
            for last in layers.indices.reversed() {
                if isDone { return isImproved }
                var fused = FusedRegions(shared, plain, scheme: scheme, end: layers[last].upperBound)
                var layer = last
                var isOpen = true
                while isOpen, layer >= 0, last - layer < Self.longestSegment {
                    while isOpen, fused.next >= layers[layer].lowerBound { isOpen = fused.extend() }
                    guard isOpen, !fused.isPlainInside else { break }
                    if layer < last {
                        if isDone { return isImproved }
                        let positions = layers[layer].lowerBound..<layers[last].upperBound
                        saved = Array(numbers[places(positions)])
                        if write(fused, positions), keepIfBetter(places(positions)) {
                            isImproved = true
                        } else {
                            numbers.replaceSubrange(places(positions), with: saved)
                        }
                    }
                    layer -= 1
                }
            }
        }
        return isImproved
    }

    private mutating func write(_ fused: FusedRegions, _ positions: Range<Int>) -> Bool {
        for step in fused.steps where positions.contains(step.position) {
            guard let parts = try? table.parts(step.position, step.layout) else { return false }
            for (device, number) in parts.enumerated() { numbers[step.position * deviceCount + device] = number }
        }
        return true
    }
}
