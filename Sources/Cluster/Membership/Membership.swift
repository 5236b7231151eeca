import Costs

/// Who is there: SWIM (Das, Gupta, Motivala, 2002) with suspicion, incarnations and piggybacked rumours, and
/// Lifeguard's local health and confirmations.
///
/// The parts stand in files of their own: `Membership+Claims` (what is believed), `Membership+Probes` (how silence is
/// noticed), `Membership+Rumours` (how news spreads).
public struct Membership: Sendable {
    public let node: NodeID
    public internal(set) var settings: MembershipSettings
    public internal(set) var life: Life
    /// The other nodes, sorted by id.
    public internal(set) var members: [Member] = []
    public internal(set) var own: NodeCapabilities
    public internal(set) var models: ModelCatalogue
    public internal(set) var health: LocalHealth
    public internal(set) var connected = false
    public internal(set) var stopped = false
    /// Counts changes of what others may want to know of this value.
    public internal(set) var changes: UInt64 = 0
    /// Counts changes of `models`.
    public internal(set) var modelChanges: UInt64 = 0

    /// Nodes heard of that have not spoken to us yet, with the pings that are left for each; sorted by id.
    var strangers: [(node: NodeID, pings: Int)] = []
    var rumours = RumourQueue()
    var random: SeededGenerator
    var probes = ProbeState()
    var nextGossip: Duration
    var nextDigest: Duration
    var disconnectedAt: Duration?
    var graceUntil: Duration

    public init(
        own: NodeCapabilities, life: Life, models: [ModelRecord], settings: MembershipSettings, seed: UInt64,
        now: Duration
    ) {
        self.node = own.node
        self.own = own
        self.life = life
        self.settings = settings
        self.models = ModelCatalogue(models)
        self.health = LocalHealth(maximum: settings.localHealthMaximum)
        self.random = SeededGenerator(seed: seed)
        self.nextGossip = now
        self.nextDigest = now
        self.graceUntil = now
        self.disconnectedAt = now
    }

    /// What a `Membership` wants done.
    public enum Directive: Sendable, Equatable {
        case send(Message.Body, to: NodeID)
        /// A gossip message with exactly these rumours.
        case news([Rumour], to: NodeID)
        /// The generation had to be raised: another start of this node is known to others. To be persisted.
        case generationRaised
        case warning(String)
    }

    public subscript(other: NodeID) -> Member? {
        index(of: other).map { members[$0] }
    }

    /// Alive or suspect, ourselves left out; sorted.
    public var livePeers: [NodeID] { members.filter { $0.status.isLive }.map(\.node) }

    public func isLive(_ other: NodeID) -> Bool {
        if other == node { return !stopped }
        return index(of: other).map { members[$0].status.isLive } ?? false
    }

    public func capabilities(of other: NodeID) -> NodeCapabilities? {
        other == node ? own : self[other]?.capabilities
    }

    public func generation(of other: NodeID) -> UInt64? {
        other == node ? life.generation : self[other]?.life.generation
    }

    func index(of other: NodeID) -> Int? {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].node < other { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low].node == other ? low : nil
    }

    // MARK: Inputs

    public mutating func connect(now: Duration) -> [Directive] {
        guard !connected else { return [] }
        connected = true
        if let since = disconnectedAt { shift(by: now - since) }
        disconnectedAt = nil
        graceUntil = max(graceUntil, now + settings.reconnectGrace)
        probes.abort(nextAt: now + settings.probePeriod)
        nextDigest = now
        nextGossip = now
        changes += 1
        return tick(now: now)
    }

    /// A node was heard of, in a retained message perhaps: it is pinged until it answers or the patience is over.
    public mutating func heardOf(_ other: NodeID) {
        guard other != node, index(of: other) == nil, !strangers.contains(where: { $0.node == other }),
            strangers.count < ClusterLimits.members
        else { return }
        let place = strangers.firstIndex { $0.node > other } ?? strangers.count
        strangers.insert((other, settings.strangerPings), at: place)
    }

    public mutating func disconnect(now: Duration) {
        guard connected else { return }
        connected = false
        disconnectedAt = now
        probes.abort(nextAt: now + settings.probePeriod)
        changes += 1
    }

    /// Our own loop stood still: nobody could have been heard, so all deadlines move.
    public mutating func stalled(by delay: Duration, now: Duration) {
        guard connected, delay > .zero else { return }
        shift(by: delay)
        probes.abort(nextAt: now + settings.probePeriod)
    }

    public mutating func tick(now: Duration) -> [Directive] {
        guard connected, !stopped else { return [] }
        var directives: [Directive] = []
        buryOverdue(now: now)
        advanceProbes(now: now, &directives)
        if now >= nextDigest {
            nextDigest = now + settings.digestPeriod
            if let peer = livePeers.randomElement(using: &random) {
                directives.append(.send(.digest(digest(answerWanted: true)), to: peer))
            }
        }
        if now >= nextGossip, !rumours.isEmpty {
            nextGossip = now + settings.gossipPeriod
            for peer in pick(settings.gossipFanout, except: []) {
                directives.append(.send(.gossip, to: peer))
            }
        }
        return directives
    }

    /// When `tick` is wanted next.
    public func nextTick(now: Duration) -> Duration {
        guard connected, !stopped else { return now + .seconds(3600) }
        var next = min(nextDigest, probes.nextDeadline)
        if !rumours.isEmpty { next = min(next, nextGossip) }
        let others = max(0, members.count { $0.status.isLive } - 1)
        for member in members {
            if let suspicion = member.suspicion {
                next = min(next, max(graceUntil, suspicion.deadline(settings, others: others)))
            }
        }
        return next
    }

    mutating func pick(_ count: Int, except: [NodeID]) -> [NodeID] {
        Self.pick(count, of: livePeers.filter { !except.contains($0) }, using: &random)
    }

    private static func pick(_ count: Int, of nodes: [NodeID], using random: inout SeededGenerator) -> [NodeID] {
        guard nodes.count > count else { return nodes }
        return Array(nodes.shuffled(using: &random).prefix(count))
    }

    private mutating func shift(by delay: Duration) {
        guard delay > .zero else { return }
        for index in members.indices { members[index].suspicion?.shift(by: delay) }
    }
}
