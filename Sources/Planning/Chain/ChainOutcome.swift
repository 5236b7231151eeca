/// What a solver of `ChainProgram` found.
public enum ChainOutcome: Sendable, Equatable {
    /// The best schedule known; nothing has a lower objective than `bound`, which is the schedule's own where proved.
    case found(ChainSchedule, bound: Double)
    /// No schedule keeps all limits.
    case infeasible
    /// The budget ended with neither a schedule nor a proof.
    case unknown
}
