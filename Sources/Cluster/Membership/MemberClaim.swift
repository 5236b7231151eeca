import Costs

/// What one node says of another's life; spread as a rumour.
public struct MemberClaim: Hashable, Sendable, Codable {
    public var node: NodeID
    public var status: MemberStatus
    public var generation: UInt64
    public var incarnation: UInt64
    /// Who suspects, so that independent suspicions can be counted; nil for other claims.
    public var suspectedBy: NodeID?

    public init(node: NodeID, status: MemberStatus, life: Life, suspectedBy: NodeID? = nil) {
        self.node = node
        self.status = status
        self.generation = life.generation
        self.incarnation = life.incarnation
        self.suspectedBy = suspectedBy
    }

    public var life: Life { Life(generation: generation, incarnation: incarnation) }

    enum CodingKeys: String, CodingKey {
        case node, status, generation, incarnation
        case suspectedBy = "suspected_by"
    }
}
