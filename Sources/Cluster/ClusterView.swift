import Costs

/// What a node knows of the cluster, for status and logs.
public struct ClusterView: Sendable, Codable, Equatable {
    public struct Member: Sendable, Codable, Equatable {
        public var node: NodeID
        public var status: MemberStatus
        public var generation: UInt64
        public var incarnation: UInt64
        /// Nil until heard.
        public var capabilities: NodeCapabilities?

        public init(node: NodeID, status: MemberStatus, life: Life, capabilities: NodeCapabilities?) {
            self.node = node
            self.status = status
            self.generation = life.generation
            self.incarnation = life.incarnation
            self.capabilities = capabilities
        }
    }

    public var node: NodeID
    public var connected: Bool
    /// The valid leadership; nil while there is none.
    public var leader: LeaderRecord?
    /// The highest term number seen.
    public var termNumber: UInt64
    /// Sorted by id; this node included.
    public var members: [Member]
    /// Sorted by name; the removed ones left out.
    public var models: [ModelRecord]
    /// The plans in force as far as this node knows, sorted by model.
    public var plans: [PlanRecord]

    /// Does this node lead?
    public var leads: Bool { leader?.node == node }

    /// Alive or suspect.
    public var live: [NodeID] { members.filter(\.status.isLive).map(\.node) }

    enum CodingKeys: String, CodingKey {
        case node, connected, leader, members, models, plans
        case termNumber = "term_number"
    }
}
