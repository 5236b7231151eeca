/// A lower bound of every path that obeys the memories, from the relaxation that prices memory instead.
///
/// Memory of a device is `sum of weights + largest activation peak <= capacity`. That is one linear constraint for each
/// layer on the device (its own activation is a candidate for the largest), each with a multiplier of its own:
/// `sum of weights + activation of the layer, if it is there <= capacity`. For fixed multipliers the minimum over paths
/// is a shortest path; the multipliers are improved by the subgradient method with Polyak steps (Held, Wolfe, Crowder:
/// "Validation of subgradient optimization", Mathematical Programming 6, 1974; Fisher: "The Lagrangian relaxation
/// method for solving integer programming problems", Management Science 27, 1981).
struct LagrangianBound {
    /// Seconds for a byte of weights on each device: the sum of the device's multipliers.
    private(set) var weightPrice: [Double]
    /// Seconds for a byte of activation of the node, flat by node.
    private(set) var activationPrice: [Double]
    /// The bound over complete paths; infinite where the relaxation has none.
    private(set) var valueS: Double
    /// Cost of a node with its price of memory, flat by node.
    private(set) var nodeCost: [Double]
    /// Least priced cost from the node to the end.
    private(set) var costToGo: [Double]
    /// Best path that fits, met on the way, with its true seconds.
    private(set) var incumbent: (path: [Int], seconds: Double)?

    /// What every complete path is refunded: the capacities at their price.
    var refund: Double { refund(of: weightPrice) }
    private let capacityBytes: [Int]
    private func refund(of price: [Double]) -> Double {
        var sum = 0.0
        for (device, value) in price.enumerated() { sum += value * Double(capacityBytes[device]) }
        return sum
    }

    /// - Parameters:
    ///   - start: multipliers to go on from.
    ///   - upperS: seconds of the best known path, or a number that no path exceeds.
    init(_ graph: ChainGraph, iterations: Int, upperS: Double, start: LagrangianBound? = nil) {
        let count = graph.deviceCount
        let nodes = graph.nodeS.count
        capacityBytes = graph.capacityBytes
        // Multipliers: one for each node, and one for each device without a layer's activation.
        var nodePrice = start?.activationPrice ?? [Double](repeating: 0, count: nodes)
        var basePrice = [Double](repeating: 0, count: count)
        if let start {
            for device in 0..<count {
                var sum = 0.0
                for node in stride(from: device, to: nodes, by: count) { sum += nodePrice[node] }
                basePrice[device] = max(0, start.weightPrice[device] - sum)
            }
        }
        weightPrice = [Double](repeating: 0, count: count)
        activationPrice = nodePrice
        valueS = -.infinity
        nodeCost = graph.nodeS
        costToGo = []

        var upperS = upperS
        var stepScale = 1.0
        var sinceGain = 0
        for iteration in 0..<max(1, iterations) {
            var price = basePrice
            for node in 0..<nodes { price[node % count] += nodePrice[node] }
            var cost = graph.nodeS
            for node in 0..<nodes where graph.allowed[node] {
                let layer = node / count
                cost[node] += price[node % count] * Double(graph.weightBytes[layer])
                cost[node] += nodePrice[node] * Double(graph.activationPeakBytes[layer])
            }
            let toGo = ShortestPath.costToGo(graph, nodeCost: cost)
            guard let path = ShortestPath.path(graph, costToGo: toGo) else {
                valueS = .infinity
                costToGo = toGo
                return
            }
            var least = Double.infinity
            for device in 0..<count { least = min(least, toGo[device]) }
            let value = least - refund(of: price)
            if value > valueS {
                if value > valueS + 1e-6 * abs(valueS) { sinceGain = 0 }
                valueS = value
                weightPrice = price
                activationPrice = nodePrice
                nodeCost = cost
                costToGo = toGo
            } else {
                sinceGain += 1
                if sinceGain >= 6 {
                    stepScale *= 0.6
                    sinceGain = 0
                }
            }
            if graph.fits(path) {
                let seconds = graph.seconds(of: path)
                if seconds < incumbent?.seconds ?? .infinity { incumbent = (path, seconds) }
                upperS = min(upperS, seconds)
            }
            guard iteration + 1 < iterations, valueS < upperS else { return }
            Self.step(
                graph, path: path, nodePrice: &nodePrice, basePrice: &basePrice, gapS: upperS - value,
                scale: stepScale)
        }
    }

    /// One projected subgradient step: prices rise where the path overfills a device and fall where it leaves room.
    private static func step(
        _ graph: ChainGraph, path: [Int], nodePrice: inout [Double], basePrice: inout [Double], gapS: Double,
        scale: Double
    ) {
        let count = graph.deviceCount
        var excess = graph.capacityBytes.map { -Double($0) }
        for (layer, device) in path.enumerated() { excess[device] += Double(graph.weightBytes[layer]) }
        func slope(_ node: Int) -> Double {
            let layer = node / count
            let device = node % count
            return excess[device] + (path[layer] == device ? Double(graph.activationPeakBytes[layer]) : 0)
        }
        // A multiplier at zero that would fall stays: it does not count in the length either.
        var squared = 0.0
        for device in 0..<count where basePrice[device] > 0 || excess[device] > 0 {
            squared += excess[device] * excess[device]
        }
        for node in nodePrice.indices where graph.allowed[node] {
            let value = slope(node)
            if nodePrice[node] > 0 || value > 0 { squared += value * value }
        }
        guard squared > 0 else { return }
        let length = scale * gapS / squared
        for device in 0..<count { basePrice[device] = max(0, basePrice[device] + length * excess[device]) }
        for node in nodePrice.indices where graph.allowed[node] {
            nodePrice[node] = max(0, nodePrice[node] + length * slope(node))
        }
    }

    /// Nodes through which no path can be cheaper than `upperS`: they may be forbidden.
    func uselessNodes(_ graph: ChainGraph, upperS: Double) -> [Int] {
        let soFar = ShortestPath.costSoFar(graph, nodeCost: nodeCost)
        let refund = refund
        return graph.nodeS.indices.filter { node in
            graph.allowed[node] && soFar[node] + costToGo[node] - nodeCost[node] - refund >= upperS
        }
    }
}
