/// What a plan is predicted to cost: one inference through every layer of the chain.
public struct Prediction: Sendable, Equatable {
    public var latencyS: Double
    /// `Tc`, `Tx` and `Tw` of the dissertation's chapter 5; they sum to the latency.
    public var computeS: Double
    public var transferS: Double
    public var weightsS: Double
    /// Seconds from one result to the next.
    public var cycleS: Double
    /// Over the devices that the problem's `energyScope` counts (nil: a figure is unknown).
    public var energyJ: Double?
    /// Over all devices used (nil: a figure is unknown).
    public var carbonG: Double?
    /// The devices that run a layer, in the problem's order.
    public var devices: [Plan.DeviceShare]

    /// The figure that the objective makes minimal (nil: unknown).
    public func value(_ objective: Objective) -> Double? {
        switch objective {
        case .latency: latencyS
        case .energy: energyJ
        case .carbon: carbonG
        case .throughput: cycleS
        }
    }
}

/// The one price of a plan: every planner's prediction comes from here.
public enum Evaluator {
    /// Prices an assignment of one device for each layer, in the layers' order, each device at its fastest point.
    ///
    /// Memory and limits are reported, not enforced: see `Verifier`. Throws where the problem is not valid, the
    /// assignment has another length or names an unknown device, or two consecutive layers are on devices that no link
    /// joins.
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
        try price(Schedule(path: path, points: table.fastestPoints), of: problem, table: table)
    }

    /// Prices a schedule. Throws as above, and where its steps do not cover the layers in order.
    public static func price(
        _ schedule: Schedule, of problem: Problem, table: CostTable
    ) throws(ProblemError) -> Prediction {
        var walk = ScheduleWalk(problem, table)
        for step in schedule.steps { try walk.take(step) }
        return try walk.prediction()
    }
}
