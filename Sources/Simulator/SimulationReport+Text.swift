extension SimulationReport {
    /// One line that says what the run was and what came of it.
    public var summary: String {
        let numbers = counts
        let head =
            "seed \(seed): \(boards) boards, \(endedAt.components.seconds) s of virtual time, \(numbers.steps) steps, "
            + "\(numbers.messages) messages, \(numbers.crashes) crashes, \(numbers.partitions) partitions, "
            + "\(numbers.brokerRestarts) broker restarts, \(numbers.runnerKills) runners killed, "
            + "\(numbers.leaderships) leaderships, \(numbers.plansCommitted) plans, requests: "
            + "\(numbers.requestsAccepted) accepted, \(numbers.requestsAnswered) answered, "
            + "\(numbers.requestsFailed) failed by name"
        guard let first = violations.first else { return "\(head); every promise held" }
        return "\(head); BROKEN: \(first)"
    }
}

extension SimulationReport: Encodable {
    enum CodingKeys: String, CodingKey {
        case schema, seed, boards, steps, messages, crashes, restarts, partitions, leaderships, swaps, violations
        case virtualTimeS = "virtual_time_s"
        case brokerRestarts = "broker_restarts"
        case runnersKilled = "runners_killed"
        case plansCommitted = "plans_committed"
        case requestsAccepted = "requests_accepted"
        case requestsAnswered = "requests_answered"
        case requestsFailed = "requests_failed"
        case requestsRefused = "requests_refused"
        case tensorsRefused = "tensors_refused"
    }

    /// The numbers, without the trace.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("lamella/simulation/1", forKey: .schema)
        try container.encode(seed, forKey: .seed)
        try container.encode(boards, forKey: .boards)
        try container.encode(endedAt.components.seconds, forKey: .virtualTimeS)
        try container.encode(counts.steps, forKey: .steps)
        try container.encode(counts.messages, forKey: .messages)
        try container.encode(counts.crashes, forKey: .crashes)
        try container.encode(counts.restarts, forKey: .restarts)
        try container.encode(counts.partitions, forKey: .partitions)
        try container.encode(counts.brokerRestarts, forKey: .brokerRestarts)
        try container.encode(counts.runnerKills, forKey: .runnersKilled)
        try container.encode(counts.leaderships, forKey: .leaderships)
        try container.encode(counts.plansCommitted, forKey: .plansCommitted)
        try container.encode(counts.swaps, forKey: .swaps)
        try container.encode(counts.requestsAccepted, forKey: .requestsAccepted)
        try container.encode(counts.requestsAnswered, forKey: .requestsAnswered)
        try container.encode(counts.requestsFailed, forKey: .requestsFailed)
        try container.encode(counts.requestsRefused, forKey: .requestsRefused)
        try container.encode(counts.tensorsRefused, forKey: .tensorsRefused)
        try container.encode(violations, forKey: .violations)
    }
}
