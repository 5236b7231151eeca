/// What became of a frequency that was asked for.
public enum FrequencyOutcome: Sendable, Equatable {
    /// In force, as read back.
    case applied(frequencyHz: Double)
    /// In force is the nearest that the kernel allows.
    case clamped(frequencyHz: Double, why: String)
    /// Set, but the kernel holds the clock lower for now, as it does when the board is hot.
    case throttled(frequencyHz: Double, why: String)
    /// Nothing has changed.
    case refused(BoardFault)
    /// The configuration says that frequencies are not ours to change.
    case handsOff

    /// What the domain runs at, if that was set (nil: it was not).
    public var frequencyHz: Double? {
        switch self {
        case .applied(let frequencyHz), .clamped(let frequencyHz, _), .throttled(let frequencyHz, _): frequencyHz
        case .refused, .handsOff: nil
        }
    }
}

/// What became of putting the frequencies back.
public struct FrequencyRestoration: Sendable, Equatable {
    public enum Outcome: String, Sendable, Codable {
        /// There is no journal.
        case nothingToDo = "nothing_to_do"
        /// The journal was of an earlier start of the kernel, which has reset all files itself.
        case discarded
        case restored
        /// Some could not be put back; the journal keeps them for the next attempt.
        case incomplete
    }

    public var outcome: Outcome
    /// In the order in which they were made.
    public var writes: [FrequencyWrite]
    public var faults: [BoardFault]

    public init(_ outcome: Outcome, writes: [FrequencyWrite] = [], faults: [BoardFault] = []) {
        self.outcome = outcome
        self.writes = writes
        self.faults = faults
    }
}
