/// A lower bound of every path that obeys the memories, from the relaxation that prices memory instead.
///
/// Memory of a device is `sum of weights + largest activation peak <= capacity`. That is one linear constraint for each
/// layer on the device (its own activation is a candidate for the largest), each with a multiplier of its own:
/// `sum of weights + activation of the layer, if it is there <= capacity`. Cover cuts that the relaxation violates are
/// priced as well as they are met ("relax and cut"). For fixed multipliers the minimum over paths is a shortest path;
/// the multipliers are improved by the subgradient method with Polyak steps (Held, Wolfe, Crowder: "Validation of
/// subgradient optimization", Mathematical Programming 6, 1974; Fisher: "The Lagrangian relaxation method for solving
/// integer programming problems", Management Science 27, 1981; Lucena: "Non delayed relax-and-cut algorithms", Annals
/// of Operations Research 140, 2005).
struct LagrangianBound {
    /// Cuts that are kept at most: each costs time in every step.
    static let maximumCuts = 96

    /// What the relaxation charges.
    struct Prices {
        /// Seconds for a byte of weights, where no layer's activation counts with them; by device.
        var base: [Double]
        /// Seconds for a byte of weights and of the node's activation; flat by node.
        var node: [Double]
        /// Seconds for a layer of the cut; by cut.
        var cuts: [Double]

        init(_ graph: ChainGraph) {
            base = [Double](repeating: 0, count: graph.deviceCount)
            node = [Double](repeating: 0, count: graph.nodeS.count)
            cuts = []
        }

        /// Seconds for a byte of weights on each device.
        var weight: [Double] {
            var sums = base
            for index in node.indices { sums[index % base.count] += node[index] }
            return sums
        }
    }

    private(set) var prices: Prices
    private(set) var cuts: [CoverCut]
    /// The bound over complete paths; infinite where the relaxation has none.
    private(set) var valueS: Double
    /// What every path is refunded: the capacities and the cuts' limits at their price.
    private(set) var refund: Double
    /// What a node costs, its memory and cuts included; flat by node.
    private(set) var nodeCost: [Double]
    /// Least such cost from the node to the end.
    private(set) var costToGo: [Double]
    /// Shortest paths that were computed.
    private(set) var stepsTaken = 0
    /// Cheapest path that fits, met on the way.
    private(set) var incumbent: (path: [Int], seconds: Double)?

    /// - Parameters:
    ///   - upperS: seconds of the best known path, or a number that no path exceeds.
    ///   - start: a bound of the same problem to go on from.
    init(_ graph: ChainGraph, iterations: Int, upperS: Double, start: LagrangianBound? = nil) {
        prices = start?.prices ?? Prices(graph)
        cuts = start?.cuts ?? []
        valueS = -.infinity
        refund = 0
        nodeCost = graph.nodeS
        costToGo = []
        improve(graph, iterations: max(1, iterations), upperS: upperS)
    }

    private mutating func improve(_ graph: ChainGraph, iterations: Int, upperS: Double) {
        var trial = prices
        var upperS = upperS
        var stepScale = 1.0
        var sinceGain = 0
        for _ in 0..<iterations {
            stepsTaken += 1
            let cost = Self.pricedNodes(graph, trial, cuts)
            let trialRefund = Self.refund(graph, trial, cuts)
            let toGo = ShortestPath.costToGo(graph, nodeCost: cost)
            guard let path = ShortestPath.path(graph, costToGo: toGo) else {
                valueS = .infinity
                return
            }
            var least = Double.infinity
            for device in 0..<graph.deviceCount { least = min(least, toGo[device]) }
            let value = least - trialRefund
            if value > valueS {
                sinceGain = value > valueS + 1e-5 * abs(valueS) ? 0 : sinceGain + 1
                valueS = value
                prices = trial
                refund = trialRefund
                nodeCost = cost
                costToGo = toGo
            } else {
                sinceGain += 1
            }
            if sinceGain >= 8 {
                stepScale *= 0.7
                sinceGain = 0
            }
            if graph.fits(path) {
                let seconds = graph.seconds(of: path)
                if seconds < incumbent?.seconds ?? .infinity { incumbent = (path, seconds) }
                upperS = min(upperS, seconds)
            }
            guard valueS < upperS else { return }
            addCuts(path, graph, &trial)
            Self.step(graph, cuts, path: path, prices: &trial, gapS: upperS - value, scale: stepScale)
        }
    }

    private mutating func addCuts(_ path: [Int], _ graph: ChainGraph, _ trial: inout Prices) {
        for device in 0..<graph.deviceCount where cuts.count < Self.maximumCuts {
            guard let cut = CoverCut.violated(by: path, on: device, in: graph), !cuts.contains(cut) else { continue }
            cuts.append(cut)
            trial.cuts.append(0)
            prices.cuts.append(0)
        }
    }

    private static func pricedNodes(_ graph: ChainGraph, _ prices: Prices, _ cuts: [CoverCut]) -> [Double] {
        let count = graph.deviceCount
        let weightPrice = prices.weight
        var cost = graph.nodeS
        for node in cost.indices where graph.allowed[node] {
            let layer = node / count
            cost[node] += weightPrice[node % count] * Double(graph.weightBytes[layer])
            cost[node] += prices.node[node] * Double(graph.activationPeakBytes[layer])
        }
        for (index, cut) in cuts.enumerated() where prices.cuts[index] > 0 {
            for layer in cut.layers { cost[layer * count + cut.device] += prices.cuts[index] }
        }
        return cost
    }

    private static func refund(_ graph: ChainGraph, _ prices: Prices, _ cuts: [CoverCut]) -> Double {
        var sum = 0.0
        for (device, price) in prices.weight.enumerated() { sum += price * Double(graph.capacityBytes[device]) }
        for (index, cut) in cuts.enumerated() { sum += prices.cuts[index] * Double(cut.limit) }
        return sum
    }

    /// One projected subgradient step: prices rise where the path breaks a limit and fall where it leaves room.
    ///
    /// Memory is measured in capacities of its device, so that it and the cuts move at the same pace. A price at zero
    /// that would fall stays, and does not count in the length of the step.
    private static func step(
        _ graph: ChainGraph, _ cuts: [CoverCut], path: [Int], prices: inout Prices, gapS: Double, scale: Double
    ) {
        let count = graph.deviceCount
        let unit = graph.capacityBytes.map { 1 / max(1, Double($0)) }
        var excess = graph.capacityBytes.map { -Double($0) }
        for (layer, device) in path.enumerated() { excess[device] += Double(graph.weightBytes[layer]) }
        for device in 0..<count { excess[device] *= unit[device] }
        let nodeExcess = prices.node.indices.map { node in
            let device = node % count
            let layer = node / count
            return path[layer] == device
                ? excess[device] + Double(graph.activationPeakBytes[layer]) * unit[device] : excess[device]
        }
        let cutExcess = cuts.map { cut in
            Double(cut.layers.reduce(0) { $0 + (path[$1] == cut.device ? 1 : 0) } - cut.limit)
        }
        var squared = 0.0
        func measure(_ price: Double, _ excess: Double) {
            if price > 0 || excess > 0 { squared += excess * excess }
        }
        for device in 0..<count { measure(prices.base[device], excess[device]) }
        for node in nodeExcess.indices where graph.allowed[node] { measure(prices.node[node], nodeExcess[node]) }
        for cut in cuts.indices { measure(prices.cuts[cut], cutExcess[cut]) }
        guard squared > 0 else { return }
        let length = scale * gapS / squared
        for device in 0..<count {
            prices.base[device] = max(0, prices.base[device] + length * excess[device] * unit[device])
        }
        for node in nodeExcess.indices where graph.allowed[node] {
            prices.node[node] = max(0, prices.node[node] + length * nodeExcess[node] * unit[node % count])
        }
        for cut in cuts.indices { prices.cuts[cut] = max(0, prices.cuts[cut] + length * cutExcess[cut]) }
    }

    /// Nodes through which no path can be cheaper than `upperS`: they may be forbidden.
    func uselessNodes(_ graph: ChainGraph, upperS: Double) -> [Int] {
        let soFar = ShortestPath.costSoFar(graph, nodeCost: nodeCost)
        return graph.nodeS.indices.filter { node in
            graph.allowed[node] && soFar[node] + costToGo[node] - nodeCost[node] - refund >= upperS
        }
    }
}
