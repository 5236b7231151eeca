import Costs

/// ODIWeP: least latency with weights that load while a device waits (dissertation, chapter 6).
///
/// Equations 6.1 and 6.2: the weights of a layer cost time only where the layer before ran on the same device.
/// `published` lets a load of any length hide behind any gap; `sound` counts what is left of it when the input arrives.
public struct ODIWeP: ChainSystem {
    public static let name = "odiwep"

    public init() {}

    public func adapted(_ problem: Problem) throws(PlanningError) -> Problem {
        var own = problem
        own.objective = .latency
        own.service = .oneAtATime
        own.wantedThroughputPerS = nil
        own.weights = .preloaded
        own.bundles = []
        return own
    }
}
