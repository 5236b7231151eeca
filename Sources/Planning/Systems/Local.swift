import Costs

/// Everything on the source's device; a layer that is pinned stays where it is pinned.
public struct Local: ChainSystem {
    public static let name = "local"

    public init() {}

    public func adapted(_ problem: Problem) throws(PlanningError) -> Problem {
        var own = problem
        let pinned = problem.pinnedDevices
        own.pins = problem.layers.indices.map { Pin(layer: $0, device: pinned[$0] ?? problem.source) }
        return own
    }
}
