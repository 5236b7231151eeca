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
    /// What the plan found makes least.
    public var objective: Objective
    /// The objective's figure of the plan found, in its unit (s, J or g for one inference).
    public var value: Double
    /// The same of the plan in force with today's figures; nil where there is none that could stay.
    public var incumbentValue: Double?
    /// Part of the incumbent's value that the new plan saves.
    public var gain: Double?
    /// Part that it must save to be taken.
    public var margin: Double
    /// What the change takes; nil where unknown.
    public var moveS: Double?
    /// The same in the objective's unit, where that is not the second; nil where unknown.
    public var moveValue: Double?

    /// - Parameters:
    ///   - value: nil where the objective is the latency; so is `incumbentValue`.
    public init(
        latencyS: Double, incumbentLatencyS: Double?, objective: Objective = .latency, value: Double? = nil,
        incumbentValue: Double? = nil, gain: Double?, margin: Double, moveS: Double?, moveValue: Double? = nil
    ) {
        self.objective = objective
        self.value = value ?? latencyS
        self.incumbentValue = objective == .latency ? incumbentValue ?? incumbentLatencyS : incumbentValue
        self.moveValue = moveValue
        self.latencyS = latencyS
        self.incumbentLatencyS = incumbentLatencyS
        self.gain = gain
        self.margin = margin
        self.moveS = moveS
    }

    enum CodingKeys: String, CodingKey {
        case latencyS = "latency_s"
        case incumbentLatencyS = "incumbent_latency_s"
        case objective, value
        case incumbentValue = "incumbent_value"
        case gain, margin
        case moveS = "move_s"
        case moveValue = "move_value"
    }

    /// A board of an earlier version names latencies only.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            latencyS: try container.decodeNumber(forKey: .latencyS),
            incumbentLatencyS: try container.decodeNumberIfPresent(forKey: .incumbentLatencyS),
            objective: try container.decodeIfPresent(Objective.self, forKey: .objective) ?? .latency,
            value: try container.decodeNumberIfPresent(forKey: .value),
            incumbentValue: try container.decodeNumberIfPresent(forKey: .incumbentValue),
            gain: try container.decodeNumberIfPresent(forKey: .gain),
            margin: try container.decodeNumber(forKey: .margin),
            moveS: try container.decodeNumberIfPresent(forKey: .moveS),
            moveValue: try container.decodeNumberIfPresent(forKey: .moveValue))
    }
}
