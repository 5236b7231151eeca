/// Resource-constrained shortest path through a `StageGraph` by label setting, boundary by boundary.
///
/// A label goes when it cannot keep the limits, when its lower bound reaches the best known schedule, or when another
/// dominates it. With more labels than the limit the best bounds stay (a beam) and the least bound dropped says how
/// much that can have cost: nothing, where it reaches the result.
///
/// Waits for hidden loads only shrink when a label is earlier and its devices have finished earlier: a step starts at
/// `max(now, finish + load)`, which is monotone in both; so componentwise dominance stays exact.
///
/// Desrochers, Soumis: "A generalized permanent labelling algorithm for the shortest path problem with time windows",
/// INFOR 26, 1988; completion bounds as in Beasley, Christofides: "An algorithm for the resource constrained shortest
/// path problem", Networks 19, 1989.
struct StageLabelSetting {
    struct Outcome {
        /// Every schedule costs at least this, but for those offered to the incumbent.
        var bound: Double
        /// Labels that were made; those that could be dropped at once do not count.
        var labelsMade: Int
        /// Did the budget end the search?
        var isStopped = false
    }

    let network: ChainNetwork
    let graph: StageGraph
    let needs: StageNeeds
    let twins: TwinDevices
    let layout: LabelLayout
    let limits: [LimitBound]
    private let bounds: [CompletionBound]
    /// Steps of shortest paths that the bounds were worth.
    let workOfBounds: Int
    private let isUsed: [Bool]
    let leastLoad: Double
    /// What `S`, where it is a total, costs the objective at devices known to be used.
    let objectiveSharedPrice: Double
    /// Can `S`, where it is the bottleneck, cost anything but by its limit?
    let hasPriceOnLoads: Bool
    /// Least total of the quantity that `S` is, from each end; empty where no undecided device has a price on it.
    private let sharedToGo: [Double]
    /// Charges of devices known to be used, on the quantity that `S` is.
    private let sharedConstant: Double
    private let arcWeight: [Double]
    private let arcPeak: [Double]

    init(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, relaxation: StageRelaxation,
        twins: TwinDevices, threshold: Double, roomWork: Int
    ) {
        self.network = network
        self.graph = graph
        self.needs = needs
        self.twins = twins
        let isUsed = relaxation.isUsed
        self.isUsed = isUsed
        leastLoad = relaxation.leastLoad
        let none = [Double](repeating: 0, count: network.quantityCount)
        objectiveSharedPrice = ChainWorth(network, quantity: none, isUsed: isUsed).shared
        hasPriceOnLoads = network.isPriced.contains(true)
        let room = relaxation.roomBounds(network, graph, needs, threshold: threshold, maximumWork: roomWork)
        bounds = relaxation.completionBounds(network, graph, needs) + room.bounds
        workOfBounds = room.work
        let layout = LabelLayout(network, graph, needs, isUsed: isUsed, boundCount: bounds.count)
        self.layout = layout
        limits = network.limited.compactMap { LimitBound(network, graph, layout, quantity: $0, isUsed: isUsed) }
        if case .total(let total) = network.shared {
            var worth = [Double](repeating: 0, count: network.quantityCount)
            worth[total] = 1
            sharedToGo =
                layout.priced.isEmpty ? [] : CostToGo(graph, StagePricing.costs(network, graph, worth: worth)).end
            var sum = 0.0
            for device in isUsed.indices where isUsed[device] {
                sum += network.firstUse[total * isUsed.count + device]
            }
            sharedConstant = sum
        } else {
            sharedToGo = []
            sharedConstant = 0
        }
        arcWeight = (0..<graph.arcCount).map { arc in
            let last = graph.endBoundary[graph.arcEnd[arc]]
            return Double(network.weightsBefore[last] - network.weightsBefore[last - graph.arcLength[arc]])
        }
        arcPeak = (0..<graph.arcCount).map { arc in
            let last = graph.endBoundary[graph.arcEnd[arc]]
            return Double(network.program.workingPeakBytes[(last - graph.arcLength[arc])..<last].max() ?? 0)
        }
    }

    /// Offers the schedules that are cheaper than the incumbent.
    func search(incumbent: ChainIncumbent, maximumLabels: Int, shouldStop: (Int) -> Bool) -> Outcome {
        let pool = LabelPool(stride: layout.stride, words: layout.words)
        let dominance = LabelDominance(self)
        // The label of nothing done yet, from which the first steps extend.
        let origin = pool.append(parent: -1, arc: -1)
        (pool.figures + origin * layout.stride).update(repeating: 0, count: layout.stride)
        if layout.words > 0 { (pool.modes + origin * layout.words).update(repeating: 0, count: layout.words) }
        for device in layout.memoryDevices {
            pool.figures[origin * layout.stride + layout.memoryPlace[device] + 1] = Double(needs.heldPeakBytes[device])
        }
        var ranges = [Range<Int>](repeating: 0..<0, count: graph.endCount)
        var dropped = Double.infinity
        var made = 0
        let threshold = incumbent.threshold
        for boundary in 1...graph.layerCount {
            if shouldStop(made) { return Outcome(bound: -.infinity, labelsMade: made, isStopped: true) }
            let first = pool.count
            for end in graph.ends(boundary) {
                let base = pool.count
                extend(to: end, pool, ranges, origin: origin, threshold: threshold)
                made += pool.count - base
                if pool.count - base > 6 * maximumLabels {
                    // Comparing so many costs more than it saves: the worst bounds go first.
                    dropped = min(dropped, keepBest(6 * maximumLabels, pool, from: base))
                }
                dominance.thin(pool, from: base, end: end)
                ranges[end] = base..<pool.count
            }
            guard pool.count - first > maximumLabels else { continue }
            let ends = (first..<pool.count).map { graph.arcEnd[Int(pool.arc[$0])] }
            let (least, kept) = choose(maximumLabels, pool, from: first)
            dropped = min(dropped, least)
            for end in graph.ends(boundary) { ranges[end] = 0..<0 }
            for (offset, label) in kept.enumerated() {
                pool.copy(label, to: first + offset)
                let end = ends[label - first]
                let place = first + offset
                ranges[end] = ranges[end].isEmpty ? place..<(place + 1) : ranges[end].lowerBound..<(place + 1)
            }
            pool.truncate(to: first + kept.count)
        }
        offer(pool, ranges, incumbent)
        return Outcome(bound: dropped, labelsMade: made)
    }

    /// Offers complete labels, the cheapest first, until one keeps all limits.
    private func offer(_ pool: LabelPool, _ ranges: [Range<Int>], _ incumbent: ChainIncumbent) {
        let complete = graph.ends(graph.layerCount).flatMap { Array(ranges[$0]) }
        func bound(_ label: Int) -> Double { pool.figures[label * layout.stride + layout.bound] }
        for label in complete.sorted(by: { (bound($0), $0) < (bound($1), $1) }) {
            guard bound(label) < incumbent.threshold else { return }
            var path: StagePath = []
            var current = label
            while pool.parent[current] >= 0 {
                path.append(Int(pool.arc[current]))
                current = Int(pool.parent[current])
            }
            if incumbent.offer(graph.schedule(path.reversed())) { return }
        }
    }

    /// The labels of least bound, ascending by index, and the least bound of the others.
    private func choose(_ maximum: Int, _ pool: LabelPool, from base: Int) -> (least: Double, kept: [Int]) {
        var keys: [(bound: Double, label: Int)] = []
        keys.reserveCapacity(pool.count - base)
        for label in base..<pool.count { keys.append((pool.figures[label * layout.stride + layout.bound], label)) }
        keys.sort { ($0.bound, $0.label) < ($1.bound, $1.label) }
        return (keys[maximum].bound, keys[..<maximum].map(\.label).sorted())
    }

    private func keepBest(_ maximum: Int, _ pool: LabelPool, from base: Int) -> Double {
        let (least, kept) = choose(maximum, pool, from: base)
        for (offset, label) in kept.enumerated() { pool.copy(label, to: base + offset) }
        pool.truncate(to: base + maximum)
        return least
    }

    // MARK: - Extension

    private func extend(
        to end: Int, _ pool: LabelPool, _ ranges: [Range<Int>], origin: Int, threshold: Double
    ) {
        let mode = graph.endMode[end]
        let full = bounds[0]
        let rest = full.toGo.end[end] + full.constant
        guard rest < .infinity else { return }
        for position in graph.inOffset[end]..<graph.inOffset[end + 1] {
            let arc = graph.inArc[position]
            let boundary = graph.endBoundary[end] - graph.arcLength[arc]
            guard boundary > 0 else {
                add(origin, arc: arc, move: nil, end: end, previous: nil, pool, threshold: threshold)
                continue
            }
            for before in graph.ends(boundary) where !ranges[before].isEmpty {
                let move = graph.move(boundary, end: before, start: graph.arcStart[arc])
                guard graph.moveBlock[move] == 0 else { continue }
                let isSame = graph.endMode[before] == mode
                var added = full.costs.arc[arc] + full.costs.move[move] + rest
                if isSame, !full.costs.wait.isEmpty { added += full.costs.wait[arc] }
                let largest = threshold - added
                for label in ranges[before]
                where pool.figures[label * layout.stride + layout.costs] < largest {
                    add(
                        label, arc: arc, move: move, end: end, previous: graph.endMode[before], pool,
                        threshold: threshold)
                }
            }
        }
    }

    /// Extends a label by a step, unless the result is useless.
    private func add(
        _ parent: Int, arc: Int, move: Int?, end: Int, previous: Int?, _ pool: LabelPool, threshold: Double
    ) {
        let stride = layout.stride
        let mode = graph.endMode[end]
        let device = network.deviceOf[mode]
        let last = previous.map { network.deviceOf[$0] }
        let isNew = layout.isTracked[device] ? isFirstUse(pool, parent, mode: mode, device: device) : false
        guard let isNew else { return }
        if let group = twins.groupOf[device], device != last,
            hasTwin(device, group: group, last: last, pool.figures + parent * stride, pool, parent)
        {
            return
        }
        guard fits(pool.figures + parent * stride, device: device, arc: arc, boundary: graph.endBoundary[end]) else {
            return
        }
        let label = pool.append(parent: parent, arc: arc)
        let figures = pool.figures + label * stride
        figures.update(from: pool.figures + parent * stride, count: stride)
        if layout.words > 0 {
            let modes = pool.modes + label * layout.words
            modes.update(from: pool.modes + parent * layout.words, count: layout.words)
            if isNew { modes[mode / 64] |= 1 << UInt64(mode % 64) }
        }
        let wait = addTotals(figures, arc: arc, move: move, device: device, previous: previous, last: last)
        if isNew, layout.charges >= 0, !isUsed[device] {
            for quantity in 0..<layout.quantityCount {
                figures[layout.charges + quantity] += network.firstUse[quantity * network.deviceCount + device]
            }
        }
        let peakAdded = addMemory(figures, device: device, arc: arc)
        if !keeps(figures, pool, label, arc: arc, move: move, end: end) {
            pool.removeLast()
            return
        }
        let bound = completionBound(
            figures, pool, label, arc: arc, move: move, end: end, wait: wait, isNew: isNew, peakAdded: peakAdded)
        guard bound < threshold else {
            pool.removeLast()
            return
        }
        figures[layout.bound] = bound
    }

    /// Is the mode's device used for the first time? Nil where it is used in another mode already.
    private func isFirstUse(_ pool: LabelPool, _ label: Int, mode: Int, device: Int) -> Bool? {
        let modes = pool.modes + label * layout.words
        if modes[mode / 64] >> UInt64(mode % 64) & 1 == 1 { return false }
        for other in network.modesOf[device] where modes[other / 64] >> UInt64(other % 64) & 1 == 1 { return nil }
        return true
    }

    /// Adds a step and its move to totals, loads and finish times; returns the seconds waited for the hidden load.
    ///
    /// In the order in which `ChainProgram.totals` adds, so that both round alike.
    private func addTotals(
        _ figures: UnsafeMutablePointer<Double>, arc: Int, move: Int?, device: Int, previous: Int?, last: Int?
    ) -> Double {
        if let move {
            for quantity in 0..<layout.quantityCount {
                figures[quantity] += graph.moveFigure[quantity * graph.moveCount + move]
            }
            if layout.loads >= 0, let last { figures[layout.loads + last] += graph.moveLoad[move] }
        }
        var wait = 0.0
        if let hidden = network.hiddenQuantity {
            let loadS = graph.arcHiddenS[arc]
            let isSame = previous.map { network.deviceOf[$0] == device } ?? false
            wait = isSame ? loadS : max(0, figures[layout.finish + device] + loadS - figures[hidden])
            figures[hidden] += wait
        }
        for quantity in 0..<layout.quantityCount {
            figures[quantity] += graph.arcFigure[quantity * graph.arcCount + arc]
        }
        if layout.loads >= 0 { figures[layout.loads + device] += graph.arcLoad[arc] }
        if let hidden = network.hiddenQuantity { figures[layout.finish + device] = figures[hidden] }
        return wait
    }

    /// Adds weights and peak to the device; returns by how many bytes its peak grew.
    private func addMemory(_ figures: UnsafeMutablePointer<Double>, device: Int, arc: Int) -> Double {
        let place = layout.memoryPlace[device]
        guard place >= 0 else { return 0 }
        let before = figures[place + 1]
        figures[place] += arcWeight[arc]
        figures[place + 1] = max(before, arcPeak[arc])
        return figures[place + 1] - before
    }

    /// Has the device room for the step, and all of them together for what must still come?
    private func fits(_ parent: UnsafeMutablePointer<Double>, device: Int, arc: Int, boundary: Int) -> Bool {
        guard !layout.memoryDevices.isEmpty else { return true }
        let place = layout.memoryPlace[device]
        var added = 0.0
        if place >= 0 {
            let peak = max(parent[place + 1], arcPeak[arc])
            added = arcWeight[arc] + peak - parent[place + 1]
            guard parent[place] + arcWeight[arc] + peak <= Double(network.capacityBytes[device]) else { return false }
        }
        var room = -added
        for other in layout.memoryDevices {
            let place = layout.memoryPlace[other]
            room += max(0, Double(network.capacityBytes[other]) - parent[place] - parent[place + 1])
        }
        return room >= Double(needs.crowdedWeightBytes[boundary])
    }

    /// Largest load so far.
    private func largestLoad(_ figures: UnsafeMutablePointer<Double>) -> Double {
        guard layout.loads >= 0 else { return 0 }
        var largest = leastLoad
        for device in 0..<network.deviceCount { largest = max(largest, figures[layout.loads + device]) }
        return largest
    }

    /// The least that `S` can become.
    private func leastShared(_ figures: UnsafeMutablePointer<Double>, end: Int) -> Double {
        switch network.shared {
        case .none: 0
        case .bottleneck: largestLoad(figures)
        case .total(let total):
            figures[total] + sharedConstant + (layout.charges >= 0 ? figures[layout.charges + total] : 0)
                + (sharedToGo.isEmpty ? 0 : sharedToGo[end])
        }
    }

    /// Sum, over the undecided devices that the label uses, of a price by device.
    private func priceOfUsed(_ pool: LabelPool, _ label: Int, _ price: (Int) -> Double) -> Double {
        var sum = 0.0
        let modes = pool.modes + label * layout.words
        for device in layout.priced {
            for mode in network.modesOf[device] where modes[mode / 64] >> UInt64(mode % 64) & 1 == 1 {
                sum += price(device)
            }
        }
        return sum
    }

    /// Can the label still keep every quantity limit and the limit of the bottleneck?
    private func keeps(
        _ figures: UnsafeMutablePointer<Double>, _ pool: LabelPool, _ label: Int, arc: Int, move: Int?, end: Int
    ) -> Bool {
        if layout.loads >= 0, largestLoad(figures) > network.loadLimit { return false }
        guard !limits.isEmpty else { return true }
        let shared = layout.priced.isEmpty && !network.hasLoads ? 0 : leastShared(figures, end: end)
        for limit in limits {
            var total = figures[limit.quantity] + limit.constant + limit.least[end]
            if layout.charges >= 0 { total += figures[layout.charges + limit.quantity] }
            switch network.shared {
            case .none: break
            case .bottleneck: total += limit.sharedPrice * shared
            case .total(let quantity):
                total += limit.sharedPrice * figures[quantity]
                if layout.charges >= 0 { total += limit.sharedPrice * figures[layout.charges + quantity] }
            }
            if !layout.priced.isEmpty {
                let devices = network.deviceCount
                total +=
                    shared
                    * priceOfUsed(pool, label) { network.sharedPrice[limit.quantity * devices + $0] }
            }
            if total > limit.limit { return false }
        }
        return true
    }

    /// Adds to the label's cost under each bound; returns the largest bound.
    private func completionBound(
        _ figures: UnsafeMutablePointer<Double>, _ pool: LabelPool, _ label: Int, arc: Int, move: Int?, end: Int,
        wait: Double, isNew: Bool, peakAdded: Double
    ) -> Double {
        let device = network.deviceOf[graph.endMode[end]]
        let shared = layout.priced.isEmpty ? 0 : leastShared(figures, end: end)
        let extraLoad = layout.loads >= 0 ? largestLoad(figures) - leastLoad : 0
        var largest = -Double.infinity
        for (index, bound) in bounds.enumerated() {
            var cost = figures[layout.costs + index] + bound.costs.arc[arc] + wait * bound.waitPrice
            if let move { cost += bound.costs.move[move] }
            if isNew { cost += bound.charge[device] }
            if !bound.peakPrice.isEmpty { cost += peakAdded * bound.peakPrice[device] }
            figures[layout.costs + index] = cost
            var whole =
                cost + toGo(bound, figures, device: device, end: end) + bound.constant + bound.loadPrice * extraLoad
            if !layout.priced.isEmpty { whole += shared * priceOfUsed(pool, label) { bound.sharedPrice[$0] } }
            largest = max(largest, whole)
        }
        return largest
    }

    /// The least still to come, where the device's run goes on only as long as there is room.
    private func toGo(
        _ bound: CompletionBound, _ figures: UnsafeMutablePointer<Double>, device: Int, end: Int
    ) -> Double {
        if let room = bound.room {
            let place = layout.memoryPlace[room.device]
            let left = Double(network.capacityBytes[room.device]) - figures[place] - figures[place + 1]
            return room.cost(after: end, roomBytes: left)
        }
        let place = layout.memoryPlace[device]
        guard place >= 0, graph.runs.areFollowed else { return bound.toGo.end[end] }
        return bound.toGo.after(
            end, weightBytes: figures[place], peakBytes: figures[place + 1],
            capacityBytes: Double(network.capacityBytes[device]), graph, graph.runs, bound.costs, arcWeight, arcPeak)
    }

    // MARK: - Twins

    /// Is there a lower device just like this one, with the same past? Then its schedule stands for this one's.
    private func hasTwin(
        _ device: Int, group: Int, last: Int?, _ figures: UnsafeMutablePointer<Double>, _ pool: LabelPool, _ label: Int
    ) -> Bool {
        for other in twins.groups[group] {
            guard other < device else { return false }
            if other != last, isAlike(other, device, figures, pool, label) { return true }
        }
        return false
    }

    private func isAlike(
        _ one: Int, _ other: Int, _ figures: UnsafeMutablePointer<Double>, _ pool: LabelPool, _ label: Int
    ) -> Bool {
        if layout.loads >= 0, figures[layout.loads + one] != figures[layout.loads + other] { return false }
        if layout.finish >= 0, figures[layout.finish + one] != figures[layout.finish + other] { return false }
        let (first, second) = (layout.memoryPlace[one], layout.memoryPlace[other])
        guard (first < 0) == (second < 0) else { return false }
        if first >= 0, figures[first] != figures[second] || figures[first + 1] != figures[second + 1] { return false }
        guard layout.words > 0 else { return true }
        let modes = pool.modes + label * layout.words
        return zip(network.modesOf[one], network.modesOf[other]).allSatisfy { mode, twin in
            modes[mode / 64] >> UInt64(mode % 64) & 1 == modes[twin / 64] >> UInt64(twin % 64) & 1
        }
    }
}
