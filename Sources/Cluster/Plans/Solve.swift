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
    public var goal: PlanGoal
    /// What is known of the grids now, sorted by zone.
    public var carbon: [ZoneIntensity]
    /// The plan in force, to be priced again with today's figures.
    public var incumbent: PlanRecord?

    public init(
        token: SolveToken, model: ModelRecord, members: [NodeCapabilities], reserved: [DeviceMemory],
        reasons: [ReplanReason] = [], goal: PlanGoal = PlanGoal(), carbon: [ZoneIntensity] = [],
        incumbent: PlanRecord? = nil
    ) {
        self.token = token
        self.model = model
        self.members = members
        self.reserved = reserved
        self.reasons = reasons
        self.goal = goal
        self.carbon = carbon
        self.incumbent = incumbent
    }
}

/// A plan that was found, with what it is to be compared by.
public struct SolvedPlan: Sendable, Equatable {
    public struct Incumbent: Sendable, Equatable {
        public var latencyS: Double
        /// In the unit of the new plan's objective.
        public var value: Double

        public init(latencyS: Double, value: Double) {
            self.latencyS = latencyS
            self.value = value
        }
    }

    public var plan: Plan
    /// The plan in force, priced with today's figures in the new plan's objective; nil where it cannot stay or there
    /// was none.
    public var incumbent: Incumbent?
    /// Why the plan in force cannot stay, where somebody can say so.
    public var incumbentFault: String?
    /// What the change takes (weights to send, sessions to load); nil where unknown.
    public var move: MoveEstimate.Cost?

    public init(
        _ plan: Plan, incumbent: Incumbent? = nil, incumbentFault: String? = nil, move: MoveEstimate.Cost? = nil
    ) {
        self.plan = plan
        self.incumbent = incumbent
        self.incumbentFault = incumbentFault
        self.move = move
    }
}

/// What came of a solve.
public enum SolveOutcome: Sendable, Equatable {
    case planned(SolvedPlan)
    /// No plan exists; the sentence says why (bytes needed and offered, the source's board missing).
    case infeasible(reason: String)
    /// The solver did not finish its work.
    case failed(reason: String)

    /// A plan of least latency.
    public static func planned(_ plan: Plan, incumbentLatencyS: Double?, moveS: Double?) -> SolveOutcome {
        .planned(
            SolvedPlan(
                plan, incumbent: incumbentLatencyS.map { .init(latencyS: $0, value: $0) },
                move: moveS.map { MoveEstimate.Cost(timeS: $0) }))
    }
}
