/// What a plan shall make minimal.
public enum Objective: String, Codable, Sendable, CaseIterable {
    /// Seconds from the capture to the result of one inference.
    case latency
    /// Joule for one inference, over the devices of the problem's `energyScope`.
    case energy
    /// Grams of CO2 equivalent for one inference.
    case carbon
    /// Seconds from one result to the next (the cycle): the least cycle is the highest throughput.
    case throughput

    /// The unit of the figure that is made minimal.
    public var unit: String {
        switch self {
        case .latency, .throughput: "s"
        case .energy: "J"
        case .carbon: "g"
        }
    }
}

/// When weights move from memory to the compute unit.
public enum WeightsPolicy: String, Codable, Sendable, CaseIterable {
    /// Read for each inference, as in the dissertation's base model (equation 5.4).
    case everyInference = "every_inference"
    /// Read for each inference, as far as possible while the device waits for its input (ODIWeP, chapter 6).
    case preloaded
    /// Loaded when the plan is prepared; an inference does not wait for them.
    case resident
}

/// How inferences follow each other.
public enum Service: String, Codable, Sendable, CaseIterable {
    /// The next inference starts when the result of the last is there; devices wait for the whole latency.
    case oneAtATime = "one_at_a_time"
    /// One inference in flight for each stage; devices wait for the rest of the cycle (chapter 9).
    case continuous
}

/// Whose equations price a plan, where the published ones are known to be wrong.
public enum CostModel: String, Codable, Sendable, CaseIterable {
    /// The texts' own, to compare with their tables.
    case published
    /// What is physically so.
    case sound
}

/// Whose energy the objective `energy` counts.
public enum EnergyScope: String, Codable, Sendable, CaseIterable {
    case all
    /// Devices of class edge only, as FreDDI does (equation 8.1).
    case edge
}
