import Costs

/// Somebody asks for a new plan: the payload of `command/replan`; `{}` asks for every model.
public struct ReplanRequest: Hashable, Sendable, Codable {
    public var model: String?
    /// What is asked stays in force for the model until the next request that asks for anything; what is not named
    /// is as the leader's configuration says.
    public var objective: Objective?
    public var service: Service?
    public var constraints: Constraints?
    /// Layers that shall run on a device, whatever is best.
    public var pins: [LayerPin]?
    /// Devices that shall run at a clock, whatever is best.
    public var clocks: [ClockPin]?
    /// May boards share operators?
    public var sharing: SharingChoice?
    public var reason: String?
    /// Where the answer goes (`command/replan/reply/<client>`); nil when none is wanted.
    public var client: String?

    public init(
        model: String? = nil, objective: Objective? = nil, service: Service? = nil, constraints: Constraints? = nil,
        pins: [LayerPin]? = nil, clocks: [ClockPin]? = nil, sharing: SharingChoice? = nil, reason: String? = nil,
        client: String? = nil
    ) {
        self.model = model
        self.objective = objective
        self.service = service
        self.constraints = constraints
        self.pins = pins
        self.clocks = clocks
        self.sharing = sharing
        self.reason = reason
        self.client = client
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(model)
        hasher.combine(objective)
        hasher.combine(reason)
        hasher.combine(client)
    }

    /// Does the request say what plans shall be made for?
    public var namesGoal: Bool {
        objective != nil || service != nil || constraints != nil || pins != nil || clocks != nil || sharing != nil
    }

    /// What plans are made for from now on.
    public func goal(over configured: PlanGoal) -> PlanGoal {
        let objective = objective ?? configured.objective
        return PlanGoal(
            objective: objective,
            // There is no throughput to speak of where inferences come one at a time.
            service: service ?? (objective == .throughput ? .continuous : configured.service),
            constraints: constraints ?? configured.constraints, pins: pins ?? configured.pins,
            clocks: clocks ?? configured.clocks, sharing: sharing ?? configured.sharing)
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
