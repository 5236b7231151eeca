import Costs

/// Who leads. The eligible live node of highest rank takes the lead when nobody has it, and keeps it until it dies,
/// restarts, becomes ineligible, or a higher leadership is heard. No majority: see `Term` and `ExecutorFence`.
public struct Election: Sendable {
    public let node: NodeID
    public let settings: ElectionSettings
    /// The highest leadership claimed as far as this node has heard.
    public private(set) var claimed: LeaderRecord?
    /// The highest term number seen in anything; a new leader goes above it.
    public private(set) var termNumber: UInt64
    private var claimedAt: Duration?
    private var connectedAt: Duration?
    private var vacantSince: Duration?

    /// What an election must know of the members.
    public struct Candidate: Sendable {
        /// Nil until heard: such a node cannot be chosen, but a leader known to lead is not voided for it.
        public var capabilities: NodeCapabilities?
        public var status: MemberStatus
        public var generation: UInt64

        public init(capabilities: NodeCapabilities?, status: MemberStatus, generation: UInt64) {
            self.capabilities = capabilities
            self.status = status
            self.generation = generation
        }
    }

    public init(node: NodeID, settings: ElectionSettings, termNumber: UInt64) {
        self.node = node
        self.settings = settings
        self.termNumber = termNumber
    }

    public mutating func connected(now: Duration) {
        connectedAt = now
        vacantSince = nil
    }

    public mutating func disconnected() {
        connectedAt = nil
        vacantSince = nil
    }

    /// A number seen in a plan or on disk; returns true when it is news.
    public mutating func observe(termNumber number: UInt64) -> Bool {
        guard number > termNumber, number < Term.maximumNumber else { return false }
        termNumber = number
        return true
    }

    /// A claim of leadership, from a message or a retained topic, possibly stale. Returns true when it is news.
    public mutating func observe(_ record: LeaderRecord, now: Duration) -> Bool {
        guard record.term < Term.maximumNumber, record.generation <= Life.maximumNumber else { return false }
        if let claimed, record.leadership <= claimed.leadership { return false }
        claimed = record
        claimedAt = now
        termNumber = max(termNumber, record.term)
        return true
    }

    /// The leadership that holds now: the highest claimed, while the node that claimed it is live, eligible, and has
    /// not restarted since. A term number above it, seen in a plan, voids it too: its plans would be refused.
    public func valid(among candidate: (NodeID) -> Candidate?) -> LeaderRecord? {
        guard let claimed, claimed.term >= termNumber, let leader = candidate(claimed.node) else { return nil }
        guard leader.status.isLive, leader.capabilities?.eligible ?? true, leader.generation == claimed.generation
        else {
            return nil
        }
        return claimed
    }

    /// The node that shall take the lead when nobody has it: highest rank among the eligible that are not even suspect.
    public static func choice(among candidates: [Candidate]) -> NodeID? {
        candidates.filter { $0.status == .alive }.compactMap(\.capabilities).filter(\.eligible)
            .map(Rank.init).max()?.node
    }

    /// Takes the lead when it is vacant, this node is the choice, and the patience is over. The record returned must be
    /// on disk (its term number) before it is spoken of.
    public mutating func stand(
        vacant: Bool, choice: NodeID?, generation: UInt64, now: Duration
    ) -> LeaderRecord? {
        guard let connectedAt, vacant else {
            vacantSince = nil
            return nil
        }
        let since = vacantSince ?? now
        vacantSince = since
        guard choice == node, now >= earliest(connectedAt: connectedAt, vacantSince: since) else { return nil }
        guard termNumber + 1 < Term.maximumNumber else { return nil }
        termNumber += 1
        let record = LeaderRecord(node: node, term: termNumber, generation: generation)
        claimed = record
        claimedAt = nil
        vacantSince = nil
        return record
    }

    /// A fresh claim of a node that is not believed to live gets time to show itself, so that two leaders that hear
    /// each other's claims and nothing else do not race through the terms.
    private func earliest(connectedAt: Duration, vacantSince: Duration) -> Duration {
        let claimPatience = claimedAt.map { $0 + settings.bootPatience } ?? .zero
        return max(connectedAt + settings.bootPatience, vacantSince + settings.vacancyDelay, claimPatience)
    }

    /// Is nobody known to lead?
    public var isVacant: Bool { vacantSince != nil }

    /// When `stand` may succeed; nil while it cannot.
    public func nextTick(choice: NodeID?) -> Duration? {
        guard let connectedAt, let vacantSince, choice == node else { return nil }
        return earliest(connectedAt: connectedAt, vacantSince: vacantSince)
    }
}
