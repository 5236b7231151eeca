/// What the cluster holds of a node's life. A later case overrides an earlier one within the same `Life`.
public enum MemberStatus: String, Sendable, Codable, Comparable, CaseIterable {
    case alive
    /// Did not answer, or its last will was heard; still counts as live until the suspicion's deadline.
    case suspect
    case dead
    /// Said itself that it stops.
    case left

    /// Does the node take part in plans and elections?
    public var isLive: Bool { self == .alive || self == .suspect }

    private var rank: Int {
        switch self {
        case .alive: 0
        case .suspect: 1
        case .dead: 2
        case .left: 3
        }
    }

    public static func < (left: MemberStatus, right: MemberStatus) -> Bool { left.rank < right.rank }
}

/// The payload of `node/<id>/state`: plain text, retained, and the last will (`offline`).
public enum NodeState: String, Sendable, Codable, CaseIterable {
    case online, degraded, offline
}
