/// Orders what is said about a node in time: how often its agent has started, then how often it refuted within a start.
///
/// SWIM orders by incarnation alone (Das, Gupta, Motivala: "SWIM", 2002, section 4.2). The start is added so that a
/// node that lost its memory, and with it the plans that it had loaded, is told from one that only refuted a suspicion.
public struct Life: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Numbers above this are refused, so that adding one is always safe.
    public static let maximumNumber: UInt64 = 1 << 40

    /// Starts of the agent, kept on disk.
    public var generation: UInt64
    /// Refutations since the start.
    public var incarnation: UInt64

    public init(generation: UInt64, incarnation: UInt64) {
        self.generation = generation
        self.incarnation = incarnation
    }

    public var description: String { "\(generation).\(incarnation)" }

    public static func < (left: Life, right: Life) -> Bool {
        if left.generation != right.generation { return left.generation < right.generation }
        return left.incarnation < right.incarnation
    }
}
