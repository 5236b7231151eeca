/// A lower bound of every schedule that keeps all limits, from the relaxation that prices them instead.
///
/// Priced are: quantity limits; loads (`S >= load of a device`, `S` itself between its least and its limit); the time
/// of devices that hide loads (`whole time >= steps and loads of a device`); memory, one constraint for each layer on
/// each device (`sum of weights + activation of the layer, if it is there <= capacity`), and memory covers that the
/// relaxation violates, as they are met ("relax and cut"). For fixed multipliers the minimum over paths is a shortest
/// path; the multipliers are improved by the subgradient method with Polyak steps (Held, Wolfe, Crowder: "Validation of
/// subgradient optimization", Mathematical Programming 6, 1974; Fisher: "The Lagrangian relaxation method for solving
/// integer programming problems", Management Science 27, 1981; Lucena: "Non delayed relax-and-cut algorithms", Annals
/// of Operations Research 140, 2005).
struct StageRelaxation {
    /// Covers that are kept at most: each costs time in every step.
    static let maximumCovers = 96

    /// What a bound of the same program, or of a part of it, can go on from; little beside the bound itself.
    struct Start {
        var prices: ChainPrices
        var covers: [MemoryCover]
        var share: [Double]
        var value: Double
    }

    private(set) var prices: ChainPrices
    private(set) var covers: [MemoryCover]
    /// The bound over complete paths; infinite where the relaxation has none.
    private(set) var value = -Double.infinity
    /// What is added to the cost of every path: charges of used devices, less every limit at its price.
    private(set) var constant = 0.0
    private(set) var costs: StageCosts
    private(set) var toGo: CostToGo
    /// The path of the bound.
    private(set) var path: StagePath = []
    /// How often the last paths gave each layer to each device, the latest most; flat by `layer * deviceCount +
    /// device`.
    ///
    /// An estimate of the fractional optimum (Barahona, Anbil: "The volume algorithm", Mathematical Programming 87,
    /// 2000).
    private(set) var share: [Double]
    /// Shortest paths that were computed.
    private(set) var stepsTaken = 0

    private let network: ChainNetwork
    private let graph: StageGraph
    private let needs: StageNeeds
    let isUsed: [Bool]
    /// Least that `S` can be, where it is the bottleneck.
    let leastLoad: Double

    /// - Parameters:
    ///   - incumbent: takes the schedules that are met on the way.
    ///   - start: of a bound of the same program, or of one that this is a part of.
    init(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, isUsed: [Bool], iterations: Int,
        incumbent: ChainIncumbent, start: Start?, repairs: Bool
    ) {
        self.network = network
        self.graph = graph
        self.needs = needs
        self.isUsed = isUsed
        leastLoad = network.hasLoads ? Self.leastLoad(network, graph) : 0
        prices = start?.prices ?? ChainPrices(network)
        covers = start?.covers ?? []
        costs = StageCosts(arc: [], move: [])
        toGo = CostToGo(end: [], start: [], leave: [], least: .infinity)
        share = start?.share ?? [Double](repeating: 0, count: network.layerCount * network.deviceCount)
        if start == nil { shareLoads() }
        improve(iterations: max(1, iterations), incumbent: incumbent, repairs: repairs)
    }

    var asStart: Start { Start(prices: prices, covers: covers, share: share, value: value) }

    /// The largest, over the layers, of the least load of a step with the layer.
    private static func leastLoad(_ network: ChainNetwork, _ graph: StageGraph) -> Double {
        var least = [Double](repeating: .infinity, count: network.layerCount)
        for arc in 0..<graph.arcCount {
            let last = graph.endBoundary[graph.arcEnd[arc]]
            for layer in (last - graph.arcLength[arc])..<last { least[layer] = min(least[layer], graph.arcLoad[arc]) }
        }
        return least.max() ?? 0
    }

    /// Where only loads cost, a start without prices on them would say nothing.
    private mutating func shareLoads() {
        guard network.hasLoads else { return }
        let price = ChainWorth(network, quantity: prices.quantity, isUsed: isUsed).shared
        for device in prices.load.indices { prices.load[device] = price / Double(prices.load.count) }
    }

    private mutating func improve(iterations: Int, incumbent: ChainIncumbent, repairs: Bool) {
        var trial = prices
        var scale = 1.0
        var sinceGain = 0
        var lastPath: StagePath = []
        for _ in 0..<iterations {
            stepsTaken += 1
            let (cost, trialConstant) = priced(trial)
            let trialToGo = CostToGo(graph, cost)
            guard let found = trialToGo.path(graph, cost) else {
                value = .infinity
                return
            }
            // What rounding may have added is taken off, so that the bound stays one.
            let rounding = 4e-15 * (abs(trialToGo.least) + abs(trialConstant))
            let trialValue = trialToGo.least + trialConstant - rounding
            if trialValue > value {
                sinceGain = trialValue > value + 1e-5 * abs(value) ? 0 : sinceGain + 1
                value = trialValue
                prices = trial
                constant = trialConstant - rounding
                costs = cost
                toGo = trialToGo
                path = found
            } else {
                sinceGain += 1
            }
            if sinceGain >= 8 {
                scale *= 0.7
                sinceGain = 0
            }
            let use = PathUse(network, graph, needs, isUsed: isUsed, path: found)
            // Only at the root, of which all schedules are part.
            if repairs { incumbent.lowerBound = max(incumbent.lowerBound, value) }
            for index in share.indices { share[index] *= 0.9 }
            for (layer, device) in use.owner.enumerated() { share[layer * network.deviceCount + device] += 0.1 }
            // A path that breaks a limit is worth a look only where devices in two modes may be all that is wrong.
            let mayRepair = repairs && network.modeCount > network.deviceCount
            if found != lastPath, mayRepair || use.seemsFeasible(network, needs) {
                incumbent.offer(graph.schedule(found), repairs: mayRepair)
                lastPath = found
            }
            guard value < incumbent.threshold else { return }
            addCovers(use, &trial)
            let gap = min(incumbent.threshold - trialValue, max(abs(trialValue), abs(value), 1e-300))
            guard step(use, prices: &trial, gap: gap, scale: scale) else { return }
        }
    }

    private mutating func addCovers(_ use: PathUse, _ trial: inout ChainPrices) {
        for device in needs.memoryDevices where covers.count < Self.maximumCovers {
            guard use.weightBytes[device] + use.peakBytes[device] > network.capacityBytes[device],
                let cover = MemoryCover.violated(by: use.owner, on: device, network, needs), !covers.contains(cover)
            else { continue }
            covers.append(cover)
            trial.covers.append(0)
            prices.covers.append(0)
        }
    }

    // MARK: - Prices

    /// What arcs and moves cost at the prices, and what every path is charged or refunded besides.
    ///
    /// - Parameter peaks: false to leave out what layers pay for their own activations; whoever does that must add the
    ///   activation peak of each device at the price of its weights to a path's cost.
    func priced(_ prices: ChainPrices, peaks: Bool = true) -> (StageCosts, constant: Double) {
        let worth = ChainWorth(network, quantity: prices.quantity, isUsed: isUsed)
        var constant = 0.0
        for device in isUsed.indices where isUsed[device] { constant += worth.charge(network, device) }
        for quantity in network.limited { constant -= prices.quantity[quantity] * network.limit[quantity] }
        var quantity = worth.quantity
        if let hidden = network.hiddenQuantity {
            quantity[hidden] = max(0, quantity[hidden] - prices.busy.reduce(0, +))
        }
        var costs = StagePricing.costs(network, graph, worth: quantity)
        if let hidden = network.hiddenQuantity {
            costs.wait = graph.arcHiddenS.map { $0 * quantity[hidden] }
            let figures = hidden * graph.arcCount
            for arc in 0..<graph.arcCount {
                let price = prices.busy[network.deviceOf[graph.endMode[graph.arcEnd[arc]]]]
                guard price > 0 else { continue }
                costs.arc[arc] += price * (graph.arcFigure[figures + arc] + graph.arcHiddenS[arc])
            }
        }
        if network.hasLoads {
            StagePricing.addLoads(&costs, network, graph, price: prices.load)
            let rest = worth.shared - prices.load.reduce(0, +)
            constant += rest >= 0 ? rest * leastLoad : network.loadLimit < .infinity ? rest * network.loadLimit : 0
        }
        if !needs.memoryDevices.isEmpty {
            let weight = prices.weight
            StagePricing.addMemory(
                &costs, network, graph, needs, weight: weight, peak: peaks ? prices.peak : nil, covers: covers,
                coverPrices: prices.covers)
            for device in needs.memoryDevices {
                constant -= weight[device] * Double(needs.roomBytes(network, device))
            }
            for (cover, price) in zip(covers, prices.covers) { constant -= price * Double(cover.limit) }
        }
        return (costs, constant)
    }

    /// One projected subgradient step: prices rise where the path breaks a limit and fall where it leaves room.
    ///
    /// Each excess is measured in its limit, so that all move at the same pace. A price at zero that would fall stays,
    /// and does not count in the length of the step. False where no price would change.
    private func step(_ use: PathUse, prices: inout ChainPrices, gap: Double, scale: Double) -> Bool {
        let excess = PathExcess(network, needs, use, prices, covers: covers, isUsed: isUsed, leastLoad: leastLoad)
        guard excess.squared > 0 else { return false }
        let length = scale * gap / excess.squared
        for index in network.limited {
            let unit = excess.quantityUnit[index]
            prices.quantity[index] = max(0, prices.quantity[index] + length * excess.quantity[index] * unit)
        }
        for device in prices.load.indices {
            if network.hasLoads {
                let next = prices.load[device] + length * excess.load[device] * excess.loadUnit
                prices.load[device] = max(0, next)
            }
            if network.hiddenQuantity != nil {
                let next = prices.busy[device] + length * excess.busy[device] * excess.busyUnit
                prices.busy[device] = max(0, next)
            }
        }
        for device in needs.memoryDevices {
            let unit = excess.memoryUnit(network, device)
            prices.memory[device] = max(0, prices.memory[device] + length * excess.memory[device] * unit)
            for layer in 0..<network.layerCount where needs.layerMay(layer, on: device) {
                let index = layer * network.deviceCount + device
                prices.peak[index] = max(0, prices.peak[index] + length * excess.peak[index] * unit)
            }
        }
        for index in covers.indices {
            prices.covers[index] = max(0, prices.covers[index] + length * excess.covers[index])
        }
        guard network.hasLoads || network.hiddenQuantity != nil else { return true }
        let worth = ChainWorth(network, quantity: prices.quantity, isUsed: isUsed)
        if network.hasLoads, network.loadLimit == .infinity {
            prices.load = Self.projected(prices.load, sum: worth.shared)
        }
        if let hidden = network.hiddenQuantity {
            prices.busy = Self.projected(prices.busy, sum: worth.quantity[hidden])
        }
        return true
    }

    /// The nearest point of `values >= 0, total <= sum` (Held, Wolfe, Crowder, section 3).
    static func projected(_ values: [Double], sum: Double) -> [Double] {
        guard values.reduce(0, +) > sum else { return values }
        let sorted = values.sorted(by: >)
        var total = 0.0
        var shift = 0.0
        for (index, value) in sorted.enumerated() {
            total += value
            let candidate = (total - sum) / Double(index + 1)
            if candidate < value { shift = candidate }
        }
        var result = values.map { max(0, $0 - shift) }
        // Rounding must not leave more than the sum: the bound would be none.
        let left = result.reduce(0, +)
        if left > sum { result = result.map { left > 0 ? $0 * (sum / left) * (1 - 1e-15) : 0 } }
        return result
    }

    /// Steps of shortest paths that one of the subgradient method is worth.
    var workOfStep: Int {
        let prices = (needs.memoryDevices.count + covers.count + 1) * network.layerCount
        return graph.moveCount + 4 * graph.arcCount + graph.runs.count + prices
    }

    /// Arcs through which no path can stay below the threshold, marked true.
    func uselessArcs(threshold: Double) -> [Bool] {
        if graph.runs.areFollowed {
            return toGo.through(graph, graph.runs, costs).map { $0 + constant >= threshold }
        }
        let soFar = CostSoFar(graph, costs)
        return (0..<graph.arcCount).map { soFar.arc[$0] + toGo.end[graph.arcEnd[$0]] + constant >= threshold }
    }
}
