import Costs

/// Names a plan for the fence: a device that has run one never runs a smaller one.
///
/// Ordered by the leadership it was made under, which is the pair (term, leader) (see `Term`), then by sequence:
/// after a partition every plan of the higher leadership is above every plan of the lower one.
public struct PlanID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public var term: UInt64
    public var leader: NodeID
    /// Counts the plans of one leadership, over all models, from 1.
    public var sequence: UInt64

    public init(term: UInt64, leader: NodeID, sequence: UInt64) {
        self.term = term
        self.leader = leader
        self.sequence = sequence
    }

    /// The leadership under which the plan was made.
    public var leadership: Term { Term(number: term, node: leader) }

    public var description: String { "\(term).\(sequence)@\(leader)" }

    public static func < (left: PlanID, right: PlanID) -> Bool {
        if left.term != right.term { return left.term < right.term }
        if left.leader != right.leader { return left.leader < right.leader }
        return left.sequence < right.sequence
    }
}
