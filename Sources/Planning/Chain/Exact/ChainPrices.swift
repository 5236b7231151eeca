/// Multipliers of everything that a shortest path cannot see; all of them at least zero.
///
/// They are numbered by the network, not by a node's graph, so that a node of the search starts from its parent's.
struct ChainPrices {
    /// Objective for a unit of each quantity above its limit.
    var quantity: [Double]
    /// Objective for a unit of load of each device, by which `S` is smaller than the load: `S >= load`.
    var load: [Double]
    /// Share of the price of the whole time that is put on each device's own time: `time >= its steps + its loads`.
    var busy: [Double]
    /// Objective for a byte of weights, where no layer's activation counts with them; by device.
    var memory: [Double]
    /// Objective for a byte of weights and of the layer's activation; flat by `layer * deviceCount + device`.
    var peak: [Double]
    /// Objective for a layer of each cover.
    var covers: [Double] = []

    init(_ network: ChainNetwork) {
        quantity = [Double](repeating: 0, count: network.quantityCount)
        load = [Double](repeating: 0, count: network.deviceCount)
        busy = load
        memory = load
        peak = [Double](repeating: 0, count: network.layerCount * network.deviceCount)
    }

    /// Objective for a byte of weights on each device.
    var weight: [Double] {
        var sums = memory
        var index = 0
        while index < peak.count {
            for device in sums.indices { sums[device] += peak[index + device] }
            index += sums.count
        }
        return sums
    }
}

/// What a unit of each thing costs in the end, for devices that are known to be used.
///
/// The price of `S` is the sum over quantities, each at its own worth, of the shared prices of the used devices. Where
/// `S` is a total it adds to the worth of that quantity; where it is the bottleneck it is shared among the loads.
struct ChainWorth {
    /// Objective for a unit of each quantity, `S` included.
    var quantity: [Double]
    /// The same before `S` and hidden loads: one for the objective, the multiplier for the others.
    var plain: [Double]
    /// Price of `S`.
    var shared: Double

    init(_ network: ChainNetwork, quantity multiplier: [Double], isUsed: [Bool]) {
        plain = multiplier
        plain[0] = 1
        shared = 0
        for quantity in plain.indices where plain[quantity] > 0 {
            for device in isUsed.indices where isUsed[device] && network.isPriced[device] {
                shared += plain[quantity] * network.sharedPrice[quantity * isUsed.count + device]
            }
        }
        quantity = plain
        if case .total(let total) = network.shared { quantity[total] += shared }
    }

    /// What the use of a device costs by itself.
    func charge(_ network: ChainNetwork, _ device: Int) -> Double {
        guard network.isCharged[device] else { return 0 }
        var sum = 0.0
        for index in quantity.indices {
            sum += quantity[index] * network.firstUse[index * network.deviceCount + device]
        }
        return sum
    }

    /// What the use of a device adds to the price of `S`.
    func sharedPrice(_ network: ChainNetwork, _ device: Int) -> Double {
        guard network.isPriced[device] else { return 0 }
        var sum = 0.0
        for index in plain.indices { sum += plain[index] * network.sharedPrice[index * network.deviceCount + device] }
        return sum
    }
}
