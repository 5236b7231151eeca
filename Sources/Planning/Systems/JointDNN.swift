import Costs

/// JointDNN: shortest path over the profiles of single layers, at one clock for all (Eshratifar, Abrishami, Pedram:
/// "JointDNN: an efficient training and inference engine for intelligent mobile cloud computing services", 2021).
///
/// It adds up what single layers took and so misjudges what really runs, which is bundles: its own estimate is kept
/// beside the evaluator's. The text has no frequencies; `fast` and `slow` run every device at its highest and lowest.
public struct JointDNN: Planner {
    public enum Clock: Sendable { case fast, slow }

    public static let name = "jointdnn"

    public let clock: Clock
    public let solver: any ChainProgramSolving

    public init(_ clock: Clock, solver: any ChainProgramSolving) {
        self.clock = clock
        self.solver = solver
    }

    public func plan(_ problem: Problem, clock time: () -> Duration) throws(PlanningError) -> Plan {
        let own = adapted(problem)
        let name = clock == .fast ? "jointdnn-fast" : "jointdnn-slow"
        return try ChainProblemPlanner(name: name, solver: solver).plan(own, clock: time)
            .repriced(from: own, for: problem)
    }

    private func adapted(_ problem: Problem) -> Problem {
        var own = problem
        own.bundles = problem.bundles.filter { $0.first == $0.last }
        // With bundles of one layer the rule about their number says nothing.
        own.constraints.maximumBundleSize = problem.bundles.isEmpty ? problem.constraints.maximumBundleSize : 1
        for index in own.devices.indices {
            let points = own.devices[index].points
            let chosen =
                clock == .fast
                ? points.max { $0.flops < $1.flops } : points.min { $0.flops < $1.flops }
            guard let chosen, points.count > 1 else { continue }
            own.devices[index].operatingPoints = [chosen]
            own.bundles.removeAll { $0.device == own.devices[index].id && $0.frequencyHz != chosen.frequencyHz }
        }
        return own
    }
}
