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

    /// The same as a JSON object on one line.
    public var json: String {
        let members: [(String, String)] = [
            ("schema", "\"lamella/simulation/1\""), ("seed", "\(seed)"), ("boards", "\(boards)"),
            ("virtual_time_s", "\(endedAt.components.seconds)"), ("steps", "\(counts.steps)"),
            ("messages", "\(counts.messages)"), ("crashes", "\(counts.crashes)"),
            ("restarts", "\(counts.restarts)"), ("partitions", "\(counts.partitions)"),
            ("broker_restarts", "\(counts.brokerRestarts)"), ("runners_killed", "\(counts.runnerKills)"),
            ("leaderships", "\(counts.leaderships)"), ("plans_committed", "\(counts.plansCommitted)"),
            ("swaps", "\(counts.swaps)"), ("requests_accepted", "\(counts.requestsAccepted)"),
            ("requests_answered", "\(counts.requestsAnswered)"), ("requests_failed", "\(counts.requestsFailed)"),
            ("requests_refused", "\(counts.requestsRefused)"), ("tensors_refused", "\(counts.tensorsRefused)"),
            ("violations", "[" + violations.map { "\"\($0)\"" }.joined(separator: ", ") + "]"),
        ]
        return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }
}
