import Costs

/// DIME: least latency over measured bundles of layers (dissertation, equations 7.2 to 7.5).
///
/// `published` lets a device with n layers have at most ceil(n / maximum bundle size) bundles (7.5); `sound` cuts each
/// run of layers into as few bundles as were measured. Where nothing was measured a bundle is the sum of its layers.
public struct DIME: ChainSystem {
    public static let name = "dime"

    public init() {}

    public func adapted(_ problem: Problem) throws(PlanningError) -> Problem {
        var own = problem
        own.objective = .latency
        own.service = .oneAtATime
        own.wantedThroughputPerS = nil
        return own
    }
}
