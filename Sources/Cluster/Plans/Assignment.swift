import Costs

/// What the leader wants a board to do with one plan.
public enum AssignedPhase: String, Hashable, Sendable, Codable {
    /// Fetch weights, load sessions, then report ready or refused.
    case prepare
    /// The plan is in force.
    case commit
    /// Start no more requests under the plan; report drained when none is in flight. Said to the source's board only.
    case drain
}

/// One line of an assignment.
public struct AssignedPlan: Sendable, Codable, Hashable {
    public var model: String
    public var plan: PlanID
    public var phase: AssignedPhase
    /// The plan itself, until the board has reported that it knows it.
    public var record: PlanRecord?

    public init(model: String, plan: PlanID, phase: AssignedPhase, record: PlanRecord? = nil) {
        self.model = model
        self.plan = plan
        self.phase = phase
        self.record = record
    }

    public static func == (left: AssignedPlan, right: AssignedPlan) -> Bool {
        left.plan == right.plan && left.model == right.model && left.phase == right.phase
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(plan)
        hasher.combine(phase)
    }
}

/// All that the leader wants a board to hold: what is not listed is dropped.
///
/// Assignments state the whole wish, not a change, so that a lost, doubled or reordered one does no harm.
public struct Assignment: Hashable, Sendable, Codable {
    public var term: Term
    /// Grows with every assignment of a leadership; a board drops what is not above the last it carried out.
    public var revision: UInt64
    /// Only report what you hold: a new leader asks before it decides.
    public var query: Bool
    public var plans: [AssignedPlan]

    public init(term: Term, revision: UInt64, query: Bool = false, plans: [AssignedPlan]) {
        self.term = term
        self.revision = revision
        self.query = query
        self.plans = plans
    }
}

/// How far a board is with a plan.
public enum HeldPhase: String, Hashable, Sendable, Codable {
    case preparing, ready, committed, draining, drained
    /// The board will not run the plan; the reason says why.
    case refused
    /// The board had loaded the plan and lost it, with its runner.
    case lost
}

/// Memory that a device was measured to hold.
public struct DeviceMemory: Hashable, Sendable, Codable {
    public var device: DeviceID
    public var memoryBytes: Int

    public init(device: DeviceID, memoryBytes: Int) {
        self.device = device
        self.memoryBytes = memoryBytes
    }

    enum CodingKeys: String, CodingKey {
        case device
        case memoryBytes = "memory_bytes"
    }
}

/// One line of a report.
public struct HeldPlanReport: Hashable, Sendable, Codable {
    public var model: String
    public var plan: PlanID
    public var phase: HeldPhase
    public var reason: String?
    public var memory: [DeviceMemory]?

    public init(
        model: String, plan: PlanID, phase: HeldPhase, reason: String? = nil, memory: [DeviceMemory]? = nil
    ) {
        self.model = model
        self.plan = plan
        self.phase = phase
        self.reason = reason
        self.memory = memory
    }
}

/// All that a board holds, in answer to an assignment or because something changed.
public struct MemberReport: Hashable, Sendable, Codable {
    /// Of the last assignment carried out.
    public var term: Term
    public var revision: UInt64
    /// Grows with every report of a start of the agent, so that an older report cannot undo a newer one.
    public var sequence: UInt64
    public var plans: [HeldPlanReport]

    public init(term: Term, revision: UInt64, sequence: UInt64, plans: [HeldPlanReport]) {
        self.term = term
        self.revision = revision
        self.sequence = sequence
        self.plans = plans
    }
}
