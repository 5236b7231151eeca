/// Where each figure of a label is, and what has to be told apart.
///
/// A label is a partial schedule. It carries the totals of the quantities (without charges), one accumulated cost for
/// each completion bound, its bound, and, only where the program needs them: charges of devices that it was the first
/// to use, loads, the time at which each device finished, weights and activation peak of devices that may fill up, and
/// the set of modes used on devices that are not decided.
struct LabelLayout {
    let quantities = 0
    let costs: Int
    let bound: Int
    /// Charges by quantity; -1 where nothing is charged.
    let charges: Int
    /// Loads by device; -1 where there are none.
    let loads: Int
    /// Finish of each device in seconds; -1 where no load is hidden.
    let finish: Int
    /// Weights and activation peak of each device of `memoryDevices`.
    let memory: Int
    let stride: Int
    /// Words of the set of modes.
    let words: Int

    /// Place of a device among those whose memory is counted, or -1.
    let memoryPlace: [Int]
    let memoryDevices: [Int]
    /// Devices of which a label has to know whether and how it uses them.
    let isTracked: [Bool]
    /// Devices that are not known to be used, and cost something by themselves or put a price on `S`.
    let charged: [Int]
    let priced: [Int]
    let quantityCount: Int
    let boundCount: Int

    init(_ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, isUsed: [Bool], boundCount: Int) {
        var modesLeft = [Set<Int>](repeating: [], count: network.deviceCount)
        for mode in graph.startMode { modesLeft[network.deviceOf[mode]].insert(mode) }
        let devices = 0..<network.deviceCount
        charged = devices.filter { !modesLeft[$0].isEmpty && !isUsed[$0] && network.isCharged[$0] }
        priced = devices.filter { !modesLeft[$0].isEmpty && !isUsed[$0] && network.isPriced[$0] }
        let charged = self.charged
        let priced = self.priced
        isTracked = devices.map { modesLeft[$0].count > 1 || charged.contains($0) || priced.contains($0) }
        quantityCount = network.quantityCount
        self.boundCount = boundCount
        costs = network.quantityCount
        bound = costs + boundCount
        var next = bound + 1
        func place(_ count: Int, _ isNeeded: Bool) -> Int {
            guard isNeeded else { return -1 }
            defer { next += count }
            return next
        }
        charges = place(network.quantityCount, !charged.isEmpty)
        loads = place(network.deviceCount, network.hasLoads)
        finish = place(network.deviceCount, network.hiddenQuantity != nil)
        memory = next
        memoryDevices = needs.memoryDevices
        var places = [Int](repeating: -1, count: network.deviceCount)
        for (index, device) in needs.memoryDevices.enumerated() { places[device] = next + 2 * index }
        memoryPlace = places
        stride = next + 2 * needs.memoryDevices.count
        words = isTracked.contains(true) ? (network.modeCount + 63) / 64 : 0
    }
}

/// One way to bound what a label can become: a cost of its own for everything, and the least of it to the end.
struct CompletionBound {
    let costs: StageCosts
    let toGo: CostToGo
    let constant: Double
    /// Price of a second waited.
    let waitPrice: Double
    /// What the first use of a device costs, by device; zero where it is paid already.
    let charge: [Double]
    /// What the use of a device adds to the price of `S`, by device; zero where it is counted already.
    let sharedPrice: [Double]
    /// Price of what the largest load is above the least that it can be.
    let loadPrice: Double
    /// Price of a byte of each device's activation peak, where it is exact; else empty.
    let peakPrice: [Double]
    /// Where the memory of one device counts exactly; stands for `toGo`.
    var room: RoomToGo?
}

extension StageRelaxation {
    /// The bounds that label setting uses: with all prices, without any, with exact activations, with exact loads.
    func completionBounds(_ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds) -> [CompletionBound] {
        let zero = ChainPrices(network)
        var bounds = [completion(network, graph, prices, own: (costs, constant), ownToGo: toGo)]
        bounds.append(completion(network, graph, zero, own: priced(zero), hasExactLoads: network.hasLoads))
        if needs.memoryDevices.contains(where: { prices.weight[$0] > 0 }) {
            bounds.append(
                completion(network, graph, prices, own: priced(prices, peaks: false), peakPrice: prices.weight))
        }
        if network.hasLoads, prices.load.contains(where: { $0 > 0 }), prices.quantity.contains(where: { $0 > 0 }) {
            var withoutLoads = prices
            withoutLoads.load = zero.load
            bounds.append(completion(network, graph, withoutLoads, own: priced(withoutLoads), hasExactLoads: true))
        }
        return bounds
    }

    /// Bounds that count the memory of one device exactly, for each device whose memory has a price.
    ///
    /// - Parameters:
    ///   - threshold: schedules that cost as much need no bound.
    ///   - maximumWork: devices for which that does not suffice have none.
    /// - Returns: the bounds, and what they were worth.
    func roomBounds(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, threshold: Double, maximumWork: Int
    ) -> (bounds: [CompletionBound], work: Int) {
        guard maximumWork > 0, network.hiddenQuantity == nil else { return ([], 0) }
        var bounds: [CompletionBound] = []
        var workLeft = maximumWork
        let weights = prices.weight
        let arcWeight = (0..<graph.arcCount).map { arc in
            let last = graph.endBoundary[graph.arcEnd[arc]]
            return Double(network.weightsBefore[last] - network.weightsBefore[last - graph.arcLength[arc]])
        }
        for device in needs.memoryDevices where weights[device] > 0 {
            var without = prices
            without.memory[device] = 0
            for layer in 0..<network.layerCount { without.peak[layer * network.deviceCount + device] = 0 }
            for (index, cover) in covers.enumerated() where cover.device == device { without.covers[index] = 0 }
            var with = without
            with.memory[device] = weights[device]
            var own = priced(without)
            own.constant -= 4e-15 * (abs(threshold) + abs(own.constant))
            let (withCosts, withConstant) = priced(with)
            let soFar = CostSoFar(graph, withCosts)
            var largest = [Double](repeating: -.infinity, count: graph.endCount)
            for arc in 0..<graph.arcCount {
                let end = graph.arcEnd[arc]
                largest[end] = max(largest[end], threshold - withConstant - soFar.arc[arc])
            }
            let room = RoomToGo(
                network, graph, device: device, costs: own.0, weight: arcWeight,
                roomBytes: Double(needs.roomBytes(network, device)), price: weights[device], largest: largest,
                maximumWork: workLeft)
            guard let room else { return (bounds, maximumWork) }
            workLeft -= room.work
            var bound = completion(network, graph, without, own: own, ownToGo: toGo)
            bound.room = room
            bounds.append(bound)
        }
        return (bounds, maximumWork - workLeft)
    }

    private func completion(
        _ network: ChainNetwork, _ graph: StageGraph, _ prices: ChainPrices, own: (StageCosts, constant: Double),
        ownToGo: CostToGo? = nil, hasExactLoads: Bool = false, peakPrice: [Double] = []
    ) -> CompletionBound {
        let worth = ChainWorth(network, quantity: prices.quantity, isUsed: isUsed)
        var waitPrice = 0.0
        if let hidden = network.hiddenQuantity {
            waitPrice = max(0, worth.quantity[hidden] - prices.busy.reduce(0, +))
        }
        let devices = 0..<network.deviceCount
        let toGo = ownToGo ?? CostToGo(graph, own.0)
        let rounding = ownToGo == nil ? 4e-15 * (abs(toGo.least) + abs(own.constant)) : 0
        return CompletionBound(
            costs: own.0, toGo: toGo, constant: own.constant - rounding, waitPrice: waitPrice,
            charge: devices.map { isUsed[$0] ? 0 : worth.charge(network, $0) },
            sharedPrice: devices.map { isUsed[$0] ? 0 : worth.sharedPrice(network, $0) },
            loadPrice: hasExactLoads ? worth.shared : 0, peakPrice: peakPrice)
    }
}
