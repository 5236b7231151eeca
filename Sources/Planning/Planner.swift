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
    /// The plan of a path of device indices, each device at its fastest point, priced by the evaluator.
    public init(
        path: [Int], planner: String, boundS: Double?, solveS: Double, problem: Problem, table: CostTable
    ) throws(ProblemError) {
        try self.init(
            Schedule(path: path, points: table.fastestPoints), planner: planner, bound: boundS, solveS: solveS,
            problem: problem, table: table)
    }

    /// The plan of a schedule, priced by the evaluator.
    ///
    /// `bound` is a proved lower bound of the objective. Within rounding of the objective it counts as equal to it.
    public init(
        _ schedule: Schedule, planner: String, bound: Double?, ownEstimate: Double? = nil, solveS: Double,
        problem: Problem, table: CostTable
    ) throws(ProblemError) {
        let prediction = try Evaluator.price(schedule, of: problem, table: table)
        guard let value = prediction.value(problem.objective) else {
            throw ProblemError("the objective \(problem.objective.rawValue) cannot be priced: a figure is unknown")
        }
        let proved = bound.map { $0 >= value * (1 - ExactPlanner.tolerance) ? value : max(0, $0) }
        func id(_ device: Int) -> DeviceID { problem.devices[device].id }
        self.init(
            planner: planner, objective: problem.objective, latencyS: prediction.latencyS,
            computeS: prediction.computeS, transferS: prediction.transferS, weightsS: prediction.weightsS,
            cycleS: problem.service == .continuous ? prediction.cycleS : nil, energyJ: prediction.energyJ,
            carbonG: prediction.carbonG, ownEstimate: ownEstimate,
            layers: schedule.path.enumerated().map { layer, device in
                Plan.Layer(index: layer, name: problem.layers[layer].name, device: id(device))
            },
            bundles: table.hasMeasuredBundles
                ? schedule.steps.map { Plan.Bundle(first: $0.first, last: $0.last, device: id($0.device)) } : nil,
            devices: prediction.devices, solveS: solveS, bound: proved,
            gap: proved.map { value > 0 ? (value - $0) / value : 0 },
            singleDevice: try SingleDeviceSearch.best(problem, table: table), inputs: problem.inputs)
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
            peakBytes[device] = max(peakBytes[device], table.workingPeakBytes[layer])
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
