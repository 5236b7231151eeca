import Costs

/// Names one leadership: a number that only grows, and the node that leads.
///
/// Without a majority two sides of a partition may both choose the same number. The pair makes their leaderships
/// different and totally ordered all the same, because node names are unique and a node writes a number to disk before
/// it leads under it, so it never leads twice under one (ballot numbers in Lamport, "The Part-Time Parliament",
/// section 2.1; timestamps in Lamport, "Time, Clocks, and the Ordering of Events", total order).
public struct Term: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Numbers above this are refused, so that adding one is always safe and JSON readers keep every digit (2^53).
    public static let maximumNumber: UInt64 = 1 << 53

    public var number: UInt64
    public var node: NodeID

    public init(number: UInt64, node: NodeID) {
        self.number = number
        self.node = node
    }

    public var description: String { "\(number)@\(node)" }

    public static func < (left: Term, right: Term) -> Bool {
        if left.number != right.number { return left.number < right.number }
        return left.node < right.node
    }
}
