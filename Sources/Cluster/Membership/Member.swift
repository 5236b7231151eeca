import Costs

/// What this node holds of another.
public struct Member: Sendable, Hashable {
    public var node: NodeID
    public var status: MemberStatus
    public var life: Life
    public var capabilities: NodeCapabilities?
    /// Set while `status` is `suspect`.
    public var suspicion: Suspicion?
    /// When `status` became dead or left.
    public var goneAt: Duration?
    /// When this node was first heard, or heard again after it was gone or had restarted.
    public var joinedAt: Duration

    public init(node: NodeID, status: MemberStatus, life: Life, joinedAt: Duration) {
        self.node = node
        self.status = status
        self.life = life
        self.joinedAt = joinedAt
    }

    public var claim: MemberClaim {
        MemberClaim(
            node: node, status: status, life: life,
            suspectedBy: status == .suspect ? suspicion?.suspectedBy.first : nil)
    }
}
