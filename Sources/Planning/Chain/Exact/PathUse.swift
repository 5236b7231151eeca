/// What a path of a relaxation comes to: every figure that has a price.
struct PathUse {
    /// Device of each layer.
    private(set) var owner: [Int]
    /// By quantity, waits after the same mode included; nothing of `S` or charges.
    private(set) var totals: [Double]
    private(set) var loads: [Double]
    /// Steps and hidden loads of each device, in seconds.
    private(set) var busyS: [Double]
    private(set) var weightBytes: [Int]
    private(set) var peakBytes: [Int]
    /// With what the devices known to be used add.
    private(set) var finalTotals: [Double]

    init(_ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, isUsed: [Bool], path: StagePath) {
        let devices = network.deviceCount
        owner = [Int](repeating: 0, count: network.layerCount)
        totals = [Double](repeating: 0, count: network.quantityCount)
        loads = [Double](repeating: 0, count: devices)
        busyS = loads
        weightBytes = [Int](repeating: 0, count: devices)
        peakBytes = weightBytes
        var previous: Int?
        for arc in path {
            let end = graph.arcEnd[arc]
            let last = graph.endBoundary[end]
            let first = last - graph.arcLength[arc]
            let device = network.deviceOf[graph.endMode[end]]
            for layer in first..<last {
                owner[layer] = device
                weightBytes[device] += network.program.weightBytes[layer]
                peakBytes[device] = max(peakBytes[device], network.program.workingPeakBytes[layer])
            }
            if let previous {
                let move = graph.move(first, end: previous, start: graph.arcStart[arc])
                for quantity in totals.indices {
                    totals[quantity] += graph.moveFigure[quantity * graph.moveCount + move]
                }
                if network.hasLoads { loads[network.deviceOf[graph.endMode[previous]]] += graph.moveLoad[move] }
            }
            for quantity in totals.indices { totals[quantity] += graph.arcFigure[quantity * graph.arcCount + arc] }
            if network.hasLoads { loads[device] += graph.arcLoad[arc] }
            if let hidden = network.hiddenQuantity {
                let waits = previous.map { graph.endMode[$0] == graph.endMode[end] } ?? true
                if waits { totals[hidden] += graph.arcHiddenS[arc] }
                busyS[device] += graph.arcFigure[hidden * graph.arcCount + arc] + graph.arcHiddenS[arc]
            }
            previous = end
        }
        finalTotals = totals
        for quantity in totals.indices {
            for device in 0..<devices where isUsed[device] {
                finalTotals[quantity] += network.firstUse[quantity * devices + device]
            }
        }
    }

    /// Is no limit that the relaxation sees broken? Then the schedule is worth a look.
    func seemsFeasible(_ network: ChainNetwork, _ needs: StageNeeds) -> Bool {
        for quantity in network.limited where finalTotals[quantity] > network.limit[quantity] { return false }
        for device in needs.memoryDevices
        where weightBytes[device] + peakBytes[device] > network.capacityBytes[device] { return false }
        return !network.hasLoads || loads.allSatisfy { $0 <= network.loadLimit }
    }
}

/// By how much a path breaks what it should keep, each measured in a unit of its own; the subgradient.
struct PathExcess {
    private(set) var quantity: [Double]
    /// One over what the excess of each quantity is measured in.
    private(set) var quantityUnit: [Double]
    private(set) var load: [Double]
    private(set) var loadUnit = 1.0
    private(set) var busy: [Double]
    private(set) var busyUnit = 1.0
    private(set) var memory: [Double]
    private(set) var peak: [Double]
    private(set) var covers: [Double]
    /// Sum of the squares of those that may move their price.
    private(set) var squared = 0.0

    init(
        _ network: ChainNetwork, _ needs: StageNeeds, _ use: PathUse, _ prices: ChainPrices, covers: [MemoryCover],
        isUsed: [Bool], leastLoad: Double
    ) {
        let devices = network.deviceCount
        quantity = [Double](repeating: 0, count: network.quantityCount)
        quantityUnit = quantity
        load = [Double](repeating: 0, count: devices)
        busy = load
        memory = load
        peak = []
        self.covers = covers.map { cover in
            Double(cover.layers.reduce(0) { $0 + (use.owner[$1] == cover.device ? 1 : 0) } - cover.limit)
        }
        measureLoads(network, use, prices, isUsed: isUsed, leastLoad: leastLoad)
        if let hidden = network.hiddenQuantity {
            let whole = use.totals[hidden]
            busyUnit = 1 / max(whole, 1e-300)
            for device in 0..<devices {
                busy[device] = (use.busyS[device] - whole) * busyUnit
                count(prices.busy[device], busy[device])
            }
        }
        if !needs.memoryDevices.isEmpty { measureMemory(network, needs, use, prices) }
        for index in covers.indices { count(prices.covers[index], self.covers[index]) }
    }

    func memoryUnit(_ network: ChainNetwork, _ device: Int) -> Double {
        1 / max(1, Double(network.capacityBytes[device]))
    }

    private mutating func count(_ price: Double, _ excess: Double) {
        if price > 0 || excess > 0 { squared += excess * excess }
    }

    private mutating func measureLoads(
        _ network: ChainNetwork, _ use: PathUse, _ prices: ChainPrices, isUsed: [Bool], leastLoad: Double
    ) {
        var shared = 0.0
        switch network.shared {
        case .none: break
        case .total(let total): shared = use.finalTotals[total]
        case .bottleneck:
            let price = ChainWorth(network, quantity: prices.quantity, isUsed: isUsed).shared
            let sum = prices.load.reduce(0, +)
            // S costs nothing more where the loads carry its whole price: any S will do, so their weighted mean.
            let mean = sum > 0 ? zip(prices.load, use.loads).reduce(0) { $0 + $1.0 * $1.1 } / sum : 0
            shared = leastLoad
            if sum > price * (1 + 1e-9) {
                shared = network.loadLimit
            } else if sum >= price * (1 - 1e-9) {
                shared = min(max(mean, leastLoad), network.loadLimit)
            }
            loadUnit = 1 / max(use.loads.max() ?? 0, 1e-300)
            for device in load.indices {
                load[device] = (use.loads[device] - shared) * loadUnit
                count(prices.load[device], load[device])
            }
        }
        for index in network.limited {
            var total = use.finalTotals[index]
            for device in isUsed.indices where isUsed[device] {
                total += network.sharedPrice[index * isUsed.count + device] * shared
            }
            let limit = network.limit[index]
            quantityUnit[index] = 1 / max(limit, 1e-3 * total, 1e-300)
            quantity[index] = (total - limit) * quantityUnit[index]
            count(prices.quantity[index], quantity[index])
        }
    }

    private mutating func measureMemory(
        _ network: ChainNetwork, _ needs: StageNeeds, _ use: PathUse, _ prices: ChainPrices
    ) {
        let devices = network.deviceCount
        peak = [Double](repeating: 0, count: network.layerCount * devices)
        for device in needs.memoryDevices {
            let unit = memoryUnit(network, device)
            memory[device] = Double(use.weightBytes[device] - needs.roomBytes(network, device)) * unit
            count(prices.memory[device], memory[device])
            for layer in 0..<network.layerCount where needs.layerMay(layer, on: device) {
                let index = layer * devices + device
                let added = Double(needs.addedPeakBytes(network, layer, on: device)) * unit
                let own = use.owner[layer] == device ? added : 0
                peak[index] = memory[device] + own
                count(prices.peak[index], peak[index])
            }
        }
    }
}
