import Costs

/// What a node keeps on disk. It is written whole, and on disk before anything that follows from it is done.
public struct StoredState: Hashable, Sendable, Codable {
    public static let schema = "lamella/stored-state/1"

    /// The highest plan accepted for a model: smaller ones are refused for ever.
    public struct AcceptedPlan: Hashable, Sendable, Codable {
        public var model: String
        public var plan: PlanID

        public init(model: String, plan: PlanID) {
            self.model = model
            self.plan = plan
        }
    }

    public var schema: String
    /// Starts of the agent so far.
    public var generation: UInt64
    /// The highest term number seen or taken.
    public var termNumber: UInt64
    /// Sorted by model.
    public var accepted: [AcceptedPlan]
    /// Sorted by name, so that models survive a broker without memory and a cluster without power.
    public var models: [ModelRecord]

    public init(
        generation: UInt64 = 0, termNumber: UInt64 = 0, accepted: [AcceptedPlan] = [], models: [ModelRecord] = []
    ) {
        self.schema = Self.schema
        self.generation = generation
        self.termNumber = termNumber
        self.accepted = accepted
        self.models = models
    }

    enum CodingKeys: String, CodingKey {
        case schema, generation, accepted, models
        case termNumber = "term_number"
    }
}
