import Costs

/// Gives each layer of a problem a device. A planner is a value: the same problem gives the same plan.
public protocol Planner: Sendable {
    /// As `lamella plan --planner` and `Plan.planner` name it.
    static var name: String { get }

    /// The plan. `clock` tells the time since any origin and is read at the start and the end for `Plan.solveS`.
    func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan
}

extension Planner {
    /// The plan with `solveS` zero, where nobody needs the time.
    public func plan(_ problem: Problem) throws(PlanningError) -> Plan { try plan(problem) { .zero } }
}

extension Plan {
    /// The plan of a path of device indices, priced by the evaluator.
    ///
    /// `boundS` is a proved lower bound of the latency. Within rounding of the latency it counts as equal to it.
    public init(
        path: [Int], planner: String, boundS: Double?, solveS: Double, problem: Problem, table: CostTable
    ) throws(ProblemError) {
        let prediction = try Evaluator.price(path, of: problem, table: table)
        let bound = boundS.map {
            $0 >= prediction.latencyS * (1 - ExactPlanner.tolerance) ? prediction.latencyS : max(0, $0)
        }
        self.init(
            planner: planner, objective: problem.objective, latencyS: prediction.latencyS,
            computeS: prediction.computeS, transferS: prediction.transferS, weightsS: prediction.weightsS,
            layers: path.enumerated().map { layer, device in
                Plan.Layer(index: layer, name: problem.layers[layer].name, device: problem.devices[device].id)
            },
            devices: prediction.devices, solveS: solveS, bound: bound,
            gap: bound.map { prediction.latencyS > 0 ? (prediction.latencyS - $0) / prediction.latencyS : 0 },
            singleDevice: SingleDeviceSearch.best(problem, table: table), inputs: problem.inputs)
    }
}

/// The best plan that gives every layer that is not pinned to one device.
enum SingleDeviceSearch {
    /// Nil where no device holds the model or can be reached.
    static func best(_ problem: Problem, table: CostTable) -> Plan.SingleDevice? {
        var best: Plan.SingleDevice?
        for device in 0..<table.deviceCount {
            let path = table.pinned.map { $0 ?? device }
            guard MemoryUse.fits(path, table: table),
                let prediction = try? Evaluator.price(path, of: problem, table: table)
            else { continue }
            guard prediction.latencyS < best?.latencyS ?? .infinity else { continue }
            best = Plan.SingleDevice(device: problem.devices[device].id, latencyS: prediction.latencyS)
        }
        return best
    }
}

/// Memory of a complete path.
public enum MemoryUse {
    /// Bytes for each device; zero where it runs nothing.
    public static func bytes(_ path: [Int], table: CostTable) -> [Int] {
        var weightBytes = [Int](repeating: 0, count: table.deviceCount)
        var peakBytes = weightBytes
        var used = [Bool](repeating: false, count: table.deviceCount)
        for (layer, device) in path.enumerated() {
            weightBytes[device] += table.weightBytes[layer]
            peakBytes[device] = max(peakBytes[device], table.activationPeakBytes[layer])
            used[device] = true
        }
        return (0..<table.deviceCount).map {
            used[$0] ? weightBytes[$0] + peakBytes[$0] + table.runtimeBytes[$0] : 0
        }
    }

    public static func fits(_ path: [Int], table: CostTable) -> Bool {
        zip(bytes(path, table: table), table.memoryBytes).allSatisfy { $0 <= $1 }
    }
}
