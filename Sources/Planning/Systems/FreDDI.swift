import Costs

/// FreDDI: one frequency for each device and measured bundles (dissertation, equations 8.1 to 8.4).
///
/// Three variants, told apart by what is asked: least energy of the edge devices under a latency limit (8.1, 8.2),
/// least latency under an energy limit for each edge device (8.3), and least energy of the edge devices with private
/// layers (8.4). `published` keeps the text's radio term (`TransferPower`) and counts no waiting.
public struct FreDDI: ChainSystem {
    public static let name = "freddi"

    public init() {}

    public func adapted(_ problem: Problem) throws(PlanningError) -> Problem {
        guard problem.objective == .energy || problem.objective == .latency else {
            throw .limit(
                "planner freddi: it knows the objectives energy and latency, not \(problem.objective.rawValue); "
                    + "use the planner exact")
        }
        var own = problem
        own.service = .oneAtATime
        own.wantedThroughputPerS = nil
        own.constraints.maximumCarbonG = nil
        own.energyScope = .edge
        return own
    }
}
