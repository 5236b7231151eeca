import Costs

/// A system that plans by its published equations, whatever the problem asks; the plan is priced as the problem asks.
///
/// What the published equations make of their own plan stays as `ownEstimate`.
public struct AsPublished: Planner {
    public static let name = "as published"

    public let planner: any Planner

    public init(_ planner: any Planner) { self.planner = planner }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        var own = problem
        own.costModel = .published
        return try planner.plan(own, clock: clock).repriced(from: own, for: problem)
    }
}
