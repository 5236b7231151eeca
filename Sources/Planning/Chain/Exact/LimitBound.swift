/// Whether what a label has used of a limited quantity, and the least it still needs, can stay within the limit.
struct LimitBound {
    let quantity: Int
    let limit: Double
    /// What `S` adds for each of its units, where `S` is a total, at devices known to be used.
    let sharedPrice: Double
    /// Charges of devices known to be used, those on `S` at its price included.
    let constant: Double
    /// Least still to come, from each end.
    let least: [Double]
    /// Most still to come, from each end: where a label stays within the limit even so, it is as good as any other.
    let most: [Double]

    /// Nil where the limit cannot bind.
    init?(_ network: ChainNetwork, _ graph: StageGraph, _ layout: LabelLayout, quantity: Int, isUsed: [Bool]) {
        self.quantity = quantity
        limit = network.limit[quantity]
        var worth = [Double](repeating: 0, count: network.quantityCount)
        worth[quantity] = 1
        let devices = network.deviceCount
        var price = 0.0
        for device in 0..<devices where isUsed[device] && network.isPriced[device] {
            price += network.sharedPrice[quantity * devices + device]
        }
        sharedPrice = price
        if case .total(let total) = network.shared { worth[total] += price }
        var constant = 0.0
        var open = 0.0
        var isUnbounded = network.hasLoads && price > 0
        for device in 0..<devices where isUsed[device] || layout.charged.contains(device) {
            var charge = 0.0
            for index in worth.indices where worth[index] > 0 {
                charge += worth[index] * network.firstUse[index * devices + device]
            }
            if isUsed[device] { constant += charge } else { open += charge }
        }
        for device in layout.priced where network.sharedPrice[quantity * devices + device] > 0 { isUnbounded = true }
        self.constant = constant
        var costs = StagePricing.costs(network, graph, worth: worth)
        if let hidden = network.hiddenQuantity { costs.wait = graph.arcHiddenS.map { $0 * worth[hidden] } }
        least = CostToGo(graph, costs).end
        if isUnbounded {
            most = [Double](repeating: .infinity, count: graph.endCount)
            return
        }
        // The longest path is the shortest of the negative figures; every load is waited for.
        var negative = StagePricing.costs(network, graph, worth: worth.map { -$0 })
        for arc in costs.wait.indices { negative.arc[arc] -= costs.wait[arc] }
        let longest = CostToGo(graph, negative)
        guard constant + open - longest.least > limit else { return nil }
        most = longest.end.map { open - $0 }
    }
}
