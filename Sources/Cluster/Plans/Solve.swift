import Costs

/// Names one solve of one start of one agent.
public struct SolveToken: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public var number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public var description: String { "solve \(number)" }

    public static func < (left: SolveToken, right: SolveToken) -> Bool { left.number < right.number }
}

/// What the shell shall solve: it builds the `Problem` of the model over the devices of these boards.
public struct SolveRequest: Sendable, Equatable {
    public var token: SolveToken
    public var model: ModelRecord
    /// Boards that may be used, sorted by id: live, not quarantined, capabilities known.
    public var members: [NodeCapabilities]
    /// Memory that the plans of other models hold, to be taken off what the device offers; sorted by device.
    public var reserved: [DeviceMemory]
    public var reasons: [ReplanReason]
    public var objective: Objective
    /// The plan in force, to be priced again with today's figures.
    public var incumbent: PlanRecord?

    public init(
        token: SolveToken, model: ModelRecord, members: [NodeCapabilities], reserved: [DeviceMemory],
        reasons: [ReplanReason], objective: Objective, incumbent: PlanRecord?
    ) {
        self.token = token
        self.model = model
        self.members = members
        self.reserved = reserved
        self.reasons = reasons
        self.objective = objective
        self.incumbent = incumbent
    }
}

/// What came of a solve.
public enum SolveOutcome: Sendable, Equatable {
    /// `incumbentLatencyS` is the incumbent's latency priced with today's figures, nil where it is not feasible any
    /// more or there was none. `moveS` is what the change to the new plan takes (weights to send, sessions to load),
    /// nil where unknown.
    case planned(Plan, incumbentLatencyS: Double?, moveS: Double?)
    /// No plan exists; the sentence says why (bytes needed and offered, the source's board missing).
    case infeasible(reason: String)
    /// The solver did not finish its work.
    case failed(reason: String)
}
