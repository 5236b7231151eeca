/// What a plan is predicted to cost: one inference through every layer of the chain.
public struct Prediction: Sendable, Equatable {
    public var latencyS: Double
    /// `Tc`, `Tx` and `Tw` of the dissertation's chapter 5; they sum to the latency.
    public var computeS: Double
    public var transferS: Double
    public var weightsS: Double
    /// The devices that run a layer, in the problem's order.
    public var devices: [Plan.DeviceShare]
}

/// The one price of a plan: every planner's prediction comes from here.
public enum Evaluator {
    /// Prices an assignment of one device for each layer, in the layers' order.
    ///
    /// Memory is reported, not enforced: see `Verifier`. Throws where the problem is not valid, the assignment has
    /// another length or names an unknown device, or two consecutive layers are on devices that no link joins.
    public static func price(_ assignment: [DeviceID], of problem: Problem) throws(ProblemError) -> Prediction {
        let table = try CostTable(problem)
        let indices = Dictionary(uniqueKeysWithValues: problem.devices.enumerated().map { ($1.id, $0) })
        var path: [Int] = []
        path.reserveCapacity(assignment.count)
        for device in assignment {
            guard let index = indices[device] else {
                throw ProblemError("assignment: there is no device \(device) in the problem")
            }
            path.append(index)
        }
        return try price(path, of: problem, table: table)
    }

    /// The same for devices named by index, with the problem's table at hand.
    public static func price(_ path: [Int], of problem: Problem, table: CostTable) throws(ProblemError) -> Prediction {
        guard path.count == table.layerCount else {
            throw ProblemError("assignment: it names \(path.count) devices for \(table.layerCount) layers")
        }
        var computeS = 0.0
        var transferS = 0.0
        var weightsS = 0.0
        for (layer, device) in path.enumerated() {
            computeS += table.computeS(layer: layer, device: device)
            weightsS += table.weightsS(layer: layer, device: device)
            guard layer + 1 < path.count else { continue }
            let stepS = table.transferS(after: layer, from: device, to: path[layer + 1])
            guard stepS.isFinite else {
                throw ProblemError(
                    "layers \(layer) (\(problem.layers[layer].name)) and \(layer + 1) "
                        + "(\(problem.layers[layer + 1].name)): no link joins \(problem.devices[device].id) and "
                        + "\(problem.devices[path[layer + 1]].id)")
            }
            transferS += stepS
        }
        return Prediction(
            latencyS: computeS + transferS + weightsS, computeS: computeS, transferS: transferS, weightsS: weightsS,
            devices: shares(path, of: problem, table: table))
    }

    /// Memory of a device: weights of its layers, the largest activation peak among them, and its runtime.
    private static func shares(_ path: [Int], of problem: Problem, table: CostTable) -> [Plan.DeviceShare] {
        let totalFlop = problem.layers.reduce(0.0) { $0 + $1.flop }
        return problem.devices.indices.compactMap { device in
            var weightBytes = 0
            var activationPeakBytes = 0
            var flop = 0.0
            var used = false
            for (layer, owner) in path.enumerated() where owner == device {
                used = true
                weightBytes += table.weightBytes[layer]
                activationPeakBytes = max(activationPeakBytes, table.activationPeakBytes[layer])
                flop += problem.layers[layer].flop
            }
            guard used else { return nil }
            return Plan.DeviceShare(
                id: problem.devices[device].id,
                peakMemoryBytes: weightBytes + activationPeakBytes + table.runtimeBytes[device],
                flopsShare: totalFlop > 0 ? flop / totalFlop : 0)
        }
    }
}
