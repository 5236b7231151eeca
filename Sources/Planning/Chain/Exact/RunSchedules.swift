/// Finds schedules of few runs: each device gets one run of consecutive layers, which just fits in its memory.
///
/// Prices on memory say little where a few heavy layers have to be packed; runs that must fit, each for itself, are
/// packed by dynamic programming. For each boundary and mode the cheapest ways to end a run there are kept, one for
/// each set of devices, as in the dynamic program for the travelling salesman (Held, Karp: "A dynamic programming
/// approach to sequencing problems", Journal of the SIAM 10, 1962), and only a few of them (a beam). A device that
/// must run the first layer and the last has a run at both ends.
struct RunSchedules {
    /// Ways kept for each boundary and mode.
    private let width: Int
    /// Lengths of the first run that are tried, where its device must run the last layer too.
    private static let firstRuns = 24
    /// Schedules that are offered of each length of the first run.
    private static let offers = 4

    private struct Way {
        var cost: Double
        var devices: UInt64
        /// First layer of the last run, and the way before: its mode (-1: none) and place.
        var first: Int
        var modeBefore: Int
        var before: Int
    }

    private let network: ChainNetwork
    private let graph: StageGraph
    private let costs: StageCosts
    private let toGo: CostToGo
    private let constant: Double
    /// The arc of each layer in each mode, or -1; flat by `layer * modeCount + mode`.
    private let arcOf: [Int]
    /// Extensions of runs that were looked at.
    private(set) var work = 0

    /// What quantities cost while schedules are looked for.
    enum Worth {
        /// As the relaxation prices them.
        case priced
        /// So, but limits at a multiple; each device in the mode that is cheapest then.
        case oneMode(Double)
        /// Only the quantity counts, and each device runs in the mode that takes least of it.
        case least(quantity: Int)
    }

    /// Nil where steps may be longer than a layer, or memory cannot bind.
    init?(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, _ relaxation: StageRelaxation,
        worth: Worth = .priced
    ) {
        guard network.program.maximumStepLength == 1, network.deviceCount <= 64, !needs.memoryDevices.isEmpty
        else { return nil }
        self.network = network
        self.graph = graph
        var prices = relaxation.prices
        let free = ChainPrices(network)
        prices.memory = free.memory
        prices.peak = free.peak
        for index in prices.covers.indices { prices.covers[index] = 0 }
        var isChosen = [Bool](repeating: true, count: network.modeCount)
        switch worth {
        case .priced:
            (costs, constant) = relaxation.priced(prices)
        case .oneMode(let multiple):
            for quantity in network.limited { prices.quantity[quantity] *= multiple }
            (costs, constant) = relaxation.priced(prices)
            isChosen = Self.cheapestModes(network, graph, costs)
        case .least(let quantity):
            var only = [Double](repeating: 0, count: network.quantityCount)
            only[quantity] = 1
            costs = StagePricing.costs(network, graph, worth: only)
            // No objective: nothing is too dear.
            constant = -.infinity
            isChosen = Self.cheapestModes(network, graph, costs)
        }
        toGo = CostToGo(graph, costs)
        var arcOf = [Int](repeating: -1, count: network.layerCount * network.modeCount)
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            guard isChosen[graph.endMode[end]] else { continue }
            arcOf[(graph.endBoundary[end] - 1) * network.modeCount + graph.endMode[end]] = arc
        }
        self.arcOf = arcOf
        let modes = isChosen.count { $0 }
        width = max(2, min(32, 4096 / (modes * modes)))
    }

    /// The mode of each device whose steps cost least in all, of those that have most steps left.
    private static func cheapestModes(_ network: ChainNetwork, _ graph: StageGraph, _ costs: StageCosts) -> [Bool] {
        var steps = [Int](repeating: 0, count: network.modeCount)
        var sums = [Double](repeating: 0, count: network.modeCount)
        for arc in 0..<graph.arcCount {
            let mode = graph.endMode[graph.arcEnd[arc]]
            steps[mode] += 1
            sums[mode] += costs.arc[arc]
        }
        var isChosen = [Bool](repeating: false, count: network.modeCount)
        for modes in network.modesOf {
            guard let mode = modes.min(by: { (-steps[$0], sums[$0], $0) < (-steps[$1], sums[$1], $1) }) else {
                continue
            }
            isChosen[mode] = true
        }
        return isChosen
    }

    /// Offers the best schedules of few runs.
    mutating func search(_ incumbent: ChainIncumbent, needs: StageNeeds) {
        let layers = network.layerCount
        guard layers > 1, let device = needs.onlyDevice(0), needs.onlyDevice(layers - 1) == device else {
            offer(firstRun: nil, incumbent)
            return
        }
        let step = max(1, layers / Self.firstRuns)
        for length in stride(from: 1, to: layers, by: step) {
            guard network.weightsBefore[length] <= network.capacityBytes[device] else { return }
            offer(firstRun: (device, length), incumbent)
        }
    }

    private mutating func offer(firstRun: (device: Int, length: Int)?, _ incumbent: ChainIncumbent) {
        let layers = network.layerCount
        let modes = network.modeCount
        var ways = [[Way]](repeating: [], count: (layers + 1) * modes)
        let threshold = incumbent.threshold
        if let firstRun {
            for mode in network.modesOf[firstRun.device] {
                let start = Way(cost: 0, devices: 0, first: 0, modeBefore: -1, before: -1)
                extend(start, mode: mode, firstRun: nil, only: firstRun.length, threshold, &ways)
            }
        } else {
            for mode in 0..<modes {
                let start = Way(cost: 0, devices: 0, first: 0, modeBefore: -1, before: -1)
                extend(start, mode: mode, firstRun: nil, only: nil, threshold, &ways)
            }
        }
        for boundary in (firstRun?.length ?? 1)..<layers {
            for mode in 0..<modes where arcOf[boundary * modes + mode] >= 0 {
                for way in entering(boundary, mode: mode, firstRun: firstRun, ways) {
                    let isLast = network.deviceOf[mode] == firstRun?.device
                    extend(way, mode: mode, firstRun: firstRun, only: isLast ? layers : nil, threshold, &ways)
                }
            }
        }
        var complete: [(cost: Double, mode: Int, place: Int)] = []
        for mode in 0..<modes {
            for (place, way) in ways[layers * modes + mode].enumerated() { complete.append((way.cost, mode, place)) }
        }
        complete.sort { ($0.cost, $0.mode, $0.place) < ($1.cost, $1.mode, $1.place) }
        for way in complete.prefix(Self.offers) where incumbent.offer(schedule(way.mode, way.place, ways)) { return }
    }

    /// The cheapest ways to begin a run at a boundary, one for each set of devices.
    private func entering(
        _ boundary: Int, mode: Int, firstRun: (device: Int, length: Int)?, _ ways: [[Way]]
    ) -> [Way] {
        let device = network.deviceOf[mode]
        let start = graph.arcStart[arcOf[boundary * network.modeCount + mode]]
        var found: [Way] = []
        for before in 0..<network.modeCount where network.deviceOf[before] != device {
            let row = boundary * network.modeCount + before
            guard !ways[row].isEmpty else { continue }
            let end = graph.arcEnd[arcOf[row - network.modeCount]]
            let move = costs.move[graph.move(boundary, end: end, start: start)]
            guard move < .infinity else { continue }
            for (place, way) in ways[row].enumerated() {
                let isThere = way.devices >> UInt64(device) & 1 == 1
                guard !isThere || device == firstRun?.device else { continue }
                if isThere, !startsIn(way, mode: mode, firstRun: firstRun, ways, row) { continue }
                insert(
                    Way(
                        cost: way.cost + move, devices: way.devices, first: boundary, modeBefore: before,
                        before: place),
                    &found)
            }
        }
        return found
    }

    /// Is the first run of the way in the mode? A device has one mode only.
    private func startsIn(
        _ way: Way, mode: Int, firstRun: (device: Int, length: Int)?, _ ways: [[Way]], _ row: Int
    ) -> Bool {
        guard network.modesOf[network.deviceOf[mode]].count > 1 else { return true }
        var current = way
        var currentMode = row % network.modeCount
        while current.modeBefore >= 0 {
            let boundary = current.first
            currentMode = current.modeBefore
            current = ways[boundary * network.modeCount + currentMode][current.before]
        }
        return currentMode == mode
    }

    /// Extends a run layer by layer for as long as it fits; with `only`, it must end there.
    private mutating func extend(
        _ start: Way, mode: Int, firstRun: (device: Int, length: Int)?, only: Int?, _ threshold: Double,
        _ ways: inout [[Way]]
    ) {
        let modes = network.modeCount
        let device = network.deviceOf[mode]
        let program = network.program
        var bytes = device == firstRun?.device ? network.weightsBefore[firstRun?.length ?? 0] : 0
        var peak = device == firstRun?.device ? program.workingPeakBytes[..<(firstRun?.length ?? 0)].max() ?? 0 : 0
        var way = start
        way.devices |= 1 << UInt64(device)
        for layer in start.first..<(only ?? network.layerCount) {
            let arc = arcOf[layer * modes + mode]
            guard arc >= 0 else { return }
            work += 1
            bytes += program.weightBytes[layer]
            peak = max(peak, program.workingPeakBytes[layer])
            guard bytes + peak <= network.capacityBytes[device] else { return }
            if layer > start.first {
                let before = graph.arcEnd[arcOf[(layer - 1) * modes + mode]]
                way.cost += costs.move[graph.move(layer, end: before, start: graph.arcStart[arc])]
            }
            way.cost += costs.arc[arc]
            guard way.cost < .infinity else { return }
            // With the least that is still to come, a way never becomes cheaper by its next layer.
            guard way.cost + toGo.end[graph.arcEnd[arc]] + constant < threshold else { return }
            if only == nil || layer + 1 == only { insert(way, &ways[(layer + 1) * modes + mode]) }
        }
    }

    /// Keeps the cheapest way of each set of devices, and the cheapest sets.
    private func insert(_ way: Way, _ ways: inout [Way]) {
        for index in ways.indices where ways[index].devices == way.devices {
            if way.cost < ways[index].cost { ways[index] = way }
            return
        }
        guard ways.count >= width else {
            ways.append(way)
            return
        }
        var dearest = 0
        for index in ways.indices where ways[index].cost > ways[dearest].cost { dearest = index }
        if way.cost < ways[dearest].cost { ways[dearest] = way }
    }

    private func schedule(_ mode: Int, _ place: Int, _ ways: [[Way]]) -> ChainSchedule {
        var steps: [ChainSchedule.Step] = []
        var boundary = network.layerCount
        var mode = mode
        var place = place
        while mode >= 0 {
            let way = ways[boundary * network.modeCount + mode][place]
            for layer in (way.first..<boundary).reversed() {
                steps.append(ChainSchedule.Step(first: layer, length: 1, mode: mode))
            }
            boundary = way.first
            (mode, place) = (way.modeBefore, way.before)
        }
        return ChainSchedule(steps.reversed())
    }
}
