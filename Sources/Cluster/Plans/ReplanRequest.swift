import Costs

/// Somebody asks for a new plan: the payload of `command/replan`; `{}` asks for every model.
public struct ReplanRequest: Hashable, Sendable, Codable {
    public var model: String?
    public var objective: Objective?
    public var reason: String?
    /// Where the answer goes (`command/replan/reply/<client>`); nil when none is wanted.
    public var client: String?

    public init(model: String? = nil, objective: Objective? = nil, reason: String? = nil, client: String? = nil) {
        self.model = model
        self.objective = objective
        self.reason = reason
        self.client = client
    }
}

/// The leader's answer, one for each model.
public struct ReplanReply: Hashable, Sendable, Codable {
    public static let schema = "lamella/replan-reply/1"

    public enum Outcome: String, Hashable, Sendable, Codable {
        /// A new plan is in force.
        case planned
        /// The plan in force stays.
        case kept
        /// There is no plan, or the request cannot be met.
        case failed
    }

    public var schema: String
    public var client: String
    public var model: String?
    public var outcome: Outcome
    public var reason: String
    /// The plan now in force.
    public var plan: PlanID?
    public var numbers: PlanNumbers?

    public init(
        client: String, model: String?, outcome: Outcome, reason: String, plan: PlanID? = nil,
        numbers: PlanNumbers? = nil
    ) {
        self.schema = Self.schema
        self.client = client
        self.model = model
        self.outcome = outcome
        self.reason = reason
        self.plan = plan
        self.numbers = numbers
    }
}
