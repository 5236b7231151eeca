import Costs

/// Something that happened to a model's plan, with the reason and the numbers: the payload of `plan/<model>/event`.
public struct PlanEvent: Hashable, Sendable, Codable {
    public static let schema = "lamella/plan-event/1"

    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// The leader asks the participants to prepare the plan.
        case proposed
        /// Every participant is ready.
        case prepared
        case committed
        /// A participant refused the plan, died while it prepared, or took too long.
        case refused
        /// The plan has no request in flight any more and is being unloaded.
        case drained
        /// The plan in force stays; the numbers say why.
        case kept
        /// The plan in force cannot run any more: a participant is gone.
        case lost
        /// There is no plan: none exists, or the solver failed.
        case failed
    }

    public var schema: String
    public var model: String
    /// The plan that the event is about; nil where none was made.
    public var plan: PlanID?
    public var event: Kind
    public var reason: String
    public var term: UInt64
    /// Counts the events of one leadership.
    public var sequence: UInt64
    /// The leader that says so.
    public var node: NodeID
    public var numbers: PlanNumbers?
    /// RFC 3339 UTC, filled in by the shell.
    public var at: String?

    public init(
        model: String, plan: PlanID?, event: Kind, reason: String, term: UInt64, sequence: UInt64, node: NodeID,
        numbers: PlanNumbers? = nil, at: String? = nil
    ) {
        self.schema = Self.schema
        self.model = model
        self.plan = plan
        self.event = event
        self.reason = reason
        self.term = term
        self.sequence = sequence
        self.node = node
        self.numbers = numbers
        self.at = at
    }

    /// In the order in which a person reads the payload.
    enum CodingKeys: String, CodingKey {
        case schema, event, model, plan, reason, node, term, sequence, at, numbers
    }
}

/// The figures on which a plan was taken or left.
public struct PlanNumbers: Hashable, Sendable, Codable {
    /// Predicted for the plan that was found.
    public var latencyS: Double
    /// Predicted for the plan in force with today's figures; nil where there is none that could run.
    public var incumbentLatencyS: Double?
    /// Part of the incumbent's latency that the new plan saves.
    public var gain: Double?
    /// Part that it must save to be taken.
    public var margin: Double
    /// What the change takes; nil where unknown.
    public var moveS: Double?

    public init(latencyS: Double, incumbentLatencyS: Double?, gain: Double?, margin: Double, moveS: Double?) {
        self.latencyS = latencyS
        self.incumbentLatencyS = incumbentLatencyS
        self.gain = gain
        self.margin = margin
        self.moveS = moveS
    }

    enum CodingKeys: String, CodingKey {
        case latencyS = "latency_s"
        case incumbentLatencyS = "incumbent_latency_s"
        case gain, margin
        case moveS = "move_s"
    }
}
