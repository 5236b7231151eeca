import Costs

/// Names a plan for the fence: a device that has accepted one never runs a smaller one.
///
/// Ordered by term, then sequence, then leader, so that after a partition the higher term wins.
public struct PlanID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public var term: UInt64
    public var leader: NodeID
    public var sequence: UInt64

    public init(term: UInt64, leader: NodeID, sequence: UInt64) {
        self.term = term
        self.leader = leader
        self.sequence = sequence
    }

    public var description: String { "\(term).\(sequence)@\(leader)" }

    public static func < (left: PlanID, right: PlanID) -> Bool {
        (left.term, left.sequence, left.leader) < (right.term, right.sequence, right.leader)
    }
}
