import Costs

/// One node of the cluster: membership, election and both sides of plan agreement behind one door.
///
/// A pure state machine. The agent and the simulator drive it the same way: they feed inputs, carry out the effects in
/// order, and call `.tick` at `nextTick`. It knows no clock (`now` counts from any origin, the same for all calls), no
/// random numbers but those of `seed`, no disk and no network. After `init` call `handle(.tick, ...)` at once: its
/// first effect writes the new start to disk.
public struct ClusterMember: Sendable {
    public private(set) var settings: ClusterSettings
    public internal(set) var stored: StoredState
    var membership: Membership
    var election: Election
    var follower: PlanFollower
    var director: PlanDirector?
    /// Plans heard of from their leaders, highest id for each model, sorted by model.
    var plansHeard: [PlanRecord] = []
    /// When each model's was heard first.
    var plansHeardAt: [String: Duration] = [:]
    var state = NodeState.online
    var persistIsDue = true
    var viewIsChanged = false
    /// The last solve token given out by any leadership of this start.
    var lastToken: UInt64 = 0
    var lastNow: Duration
    var nextTickStored: Duration
    var worldStored: PlanDirector.World?
    /// What is known of the grids.
    var carbon = CarbonBook()
    /// What our own `node/<id>/carbon` says.
    var ownCarbon: NodeCarbon?
    private var capabilityCounter: UInt64 = 0
    private var lastLeader: LeaderRecord?
    private var lastMembershipChanges: UInt64 = 0
    private var lastModelChanges: UInt64 = 0
    private var correctedAt: Duration?

    /// - Parameters:
    ///   - capabilities: our own; `version` is filled in here, so that it grows over restarts.
    ///   - stored: what the last start left on disk; the default for a first start.
    ///   - seed: another for each node and start.
    public init(
        capabilities: NodeCapabilities, settings: ClusterSettings = ClusterSettings(),
        stored: StoredState = StoredState(), seed: UInt64, now: Duration
    ) {
        var stored = stored
        stored.generation = min(stored.generation, Life.maximumNumber - 1) + 1
        self.settings = settings
        self.stored = stored
        lastNow = now
        nextTickStored = now
        membership = Membership(
            own: capabilities, life: Life(generation: stored.generation, incarnation: 0), models: stored.models,
            settings: settings.membership, seed: seed, now: now)
        follower = PlanFollower(accepted: stored.accepted)
        election = Election(
            node: capabilities.node, settings: settings.election,
            termNumber: max(stored.termNumber, follower.acceptedTermNumber))
        membership.setOwn(versioned(capabilities))
        lastMembershipChanges = membership.changes
    }

    public var node: NodeID { membership.node }

    /// The leadership that holds as far as this node knows.
    public var leader: LeaderRecord? {
        election.valid { candidate($0) }
    }

    public var leads: Bool { director != nil }

    // MARK: Inputs

    public mutating func handle(_ input: ClusterInput, now: Duration) -> [ClusterEffect] {
        var effects: [ClusterEffect] = []
        persistIfDue(&effects)
        noticeStall(now: now)
        take(input, now: now, &effects)
        settle(now: now, &effects)
        lastNow = now
        nextTickStored = computeNextTick(now: now)
        return effects
    }

    private mutating func take(_ input: ClusterInput, now: Duration, _ effects: inout [ClusterEffect]) {
        switch input {
        case .tick: break
        case .message(let message): heard(message, now: now, &effects)
        case .brokerConnected:
            guard !membership.connected else { break }
            carry(membership.connect(now: now), &effects)
            election.connected(now: now)
            announce(&effects)
        case .brokerDisconnected:
            membership.disconnect(now: now)
            election.disconnected()
        case .nodeState(let other, let state): heard(state, of: other, now: now, &effects)
        case .capabilitiesHeard(let capabilities): carry(membership.heard(capabilities, now: now), &effects)
        case .capabilitiesChanged(let capabilities):
            membership.setOwn(versioned(capabilities))
            if membership.connected { effects.append(.publishCapabilities(membership.own)) }
        case .stateChanged(let state):
            self.state = state
            if membership.connected { effects.append(.publishState(state)) }
        case .modelHeard(let model): heard(model, &effects)
        case .modelAdded(let model): added(model, &effects)
        case .modelHeld(let name):
            if var model = membership.models[name], !model.removed, !model.holders.contains(node) {
                model.holders.append(node)
                heard(model, &effects)
                if membership.connected, let merged = membership.models[name] { effects.append(.publishModel(merged)) }
            }
        case .leaderHeard(let record): heard(record, now: now, &effects)
        case .planHeard(let record): heard(record, now: now, &effects)
        case .planRetracted(let model):
            plansHeard.removeAll { $0.model.name == model }
            plansHeardAt[model] = nil
            viewIsChanged = true
        case .solved(let token, let outcome):
            guard director != nil else { break }
            let world = self.world
            carry(director?.solved(token, outcome, world, now: now) ?? [], now: now, &effects)
        case .prepared(let plan, let memory): follower.prepared(plan, memory: memory)
        case .refused(let plan, let reason): follower.refused(plan, reason: reason)
        case .drained(let plan): follower.drained(plan)
        case .executorLost(let reason): carry(follower.executorLost(reason: reason), &effects)
        case .storageChanged(let fault): follower.storageFault = fault
        case .replanRequested(let request): carry(director?.requested(request, now: now) ?? [], now: now, &effects)
        case .planningChanged(let planning):
            settings.policy.margin = planning.margin
            settings.policy.carbonMargin = planning.carbonMargin
            settings.policy.dwell = planning.dwell
            settings.policy.switchesPerWindow = planning.switchesPerWindow
            settings.policy.switchWindow = planning.switchWindow
            settings.plans.solveTimeout = planning.solveTimeout
            settings.goal = planning.goal
            director?.plan(by: planning, now: now)
        case .carbonHeard(let record, let wallS):
            if let dropped = carbon.heard(record, wallS: wallS, now: now) { effects.append(.warning(dropped)) }
        case .carbonWithdrawn(let zone): carbon.withdrawn(zone)
        case .stop:
            carry(membership.stop(), &effects)
            if membership.connected { effects.append(.publishState(.offline)) }
        }
    }

    private mutating func heard(_ message: Message, now: Duration, _ effects: inout [ClusterEffect]) {
        guard message.from != node, membership.connected, !membership.stopped else { return }
        if election.observe(termNumber: message.termNumber) { persistIsDue = true }
        if let record = message.leader { heard(record, now: now, &effects) }
        carry(membership.heardFrom(message, now: now), &effects)
        carry(membership.apply(message.rumours, now: now), &effects)
        let from = message.from
        switch message.body {
        case .ping(let sequence): carry(membership.heardPing(sequence: sequence, from: from), &effects)
        case .ack(let sequence, let of): carry(membership.heardAck(sequence: sequence, of: of), &effects)
        case .nack(let sequence, _): membership.heardNack(sequence: sequence, from: from)
        case .pingRequest(let sequence, let target):
            carry(membership.heardPingRequest(sequence: sequence, target: target, from: from, now: now), &effects)
        case .gossip: break
        case .digest(let digest): carry(membership.heard(digest, from: from, now: now), &effects)
        case .assignment(let assignment): heard(assignment, from: from, now: now, &effects)
        case .report(let report):
            director?.heard(report, from: from, generation: message.life.generation)
        case .leave: carry(membership.leave(of: from, life: message.life, now: now), &effects)
        }
    }

    /// Only the highest leadership known may assign; a lower one is shown the higher one and steps down.
    private mutating func heard(
        _ assignment: Assignment, from: NodeID, now: Duration, _ effects: inout [ClusterEffect]
    ) {
        guard assignment.term.node == from, assignment.term == election.claimed?.leadership,
            assignment.term.number >= election.termNumber
        else {
            if from != node { carry([.send(.gossip, to: from)], &effects) }
            return
        }
        carry(follower.assigned(assignment), &effects)
    }

    private mutating func heard(
        _ state: NodeState, of other: NodeID, now: Duration, _ effects: inout [ClusterEffect]
    ) {
        if other == node {
            // Our own last will, published for an earlier connection or by a broker that remembers it.
            if state != self.state, membership.connected, !membership.stopped {
                effects.append(.publishState(self.state))
            }
        } else if state == .offline {
            membership.lastWill(of: other, now: now)
        } else {
            membership.heardOf(other)
        }
    }

    private mutating func heard(_ model: ModelRecord, _ effects: inout [ClusterEffect]) {
        carry(membership.heard(model), &effects)
        persistIfDue(&effects)
    }

    private mutating func added(_ model: ModelRecord, _ effects: inout [ClusterEffect]) {
        var model = model
        if let known = membership.models[model.name], model.version <= known.version {
            model.version = known.version + 1
        }
        heard(model, &effects)
        if membership.connected, let merged = membership.models[model.name] { effects.append(.publishModel(merged)) }
    }

    private mutating func heard(_ record: LeaderRecord, now: Duration, _ effects: inout [ClusterEffect]) {
        membership.heardOf(record.node)
        if election.observe(record, now: now) {
            persistIsDue = true
            return
        }
        // A broker that came back with an old leader: the leader puts it right, at most once a second.
        if let director, record.leadership < director.term { correct(now: now, &effects) }
    }

    private mutating func heard(_ record: PlanRecord, now: Duration, _ effects: inout [ClusterEffect]) {
        if election.observe(termNumber: record.id.term) { persistIsDue = true }
        if let director {
            let ours = director.plansInForce.first { $0.model.name == record.model.name }
            if let ours, record.id < ours.id { correct(now: now, &effects) }
        }
        guard let index = plansHeard.firstIndex(where: { $0.model.name == record.model.name }) else {
            guard plansHeard.count < ClusterLimits.models else {
                effects.append(
                    .warning(
                        "plan \(record.id) was dropped: plans of \(ClusterLimits.models) models are known, the limit"))
                return
            }
            plansHeard.append(record)
            plansHeardAt[record.model.name] = now
            plansHeard.sort { $0.model.name < $1.model.name }
            viewIsChanged = true
            return
        }
        // A plan may be restated for another goal.
        let isNews = record.id == plansHeard[index].id && record.goal != plansHeard[index].goal
        guard record.id > plansHeard[index].id || isNews else { return }
        // Its ages are of its commit, however often it is said.
        if !isNews { plansHeardAt[record.model.name] = now }
        plansHeard[index] = record
        viewIsChanged = true
    }

    private mutating func correct(now: Duration, _ effects: inout [ClusterEffect]) {
        guard membership.connected, correctedAt.map({ now >= $0 + .seconds(1) }) ?? true else { return }
        correctedAt = now
        announceLeadership(&effects)
    }

    // MARK: Our own retained topics

    private func announce(_ effects: inout [ClusterEffect]) {
        effects.append(.publishState(state))
        effects.append(.publishCapabilities(membership.own))
        if let ownCarbon { effects.append(.publishCarbon(ownCarbon)) }
        for model in membership.models.models where director != nil || model.holders.contains(node) {
            effects.append(.publishModel(model))
        }
        announceLeadership(&effects)
    }

    private func announceLeadership(_ effects: inout [ClusterEffect]) {
        guard let director, let claimed = election.claimed, claimed.node == node else { return }
        effects.append(.publishLeader(claimed))
        for record in director.plansInForce { effects.append(.publishPlan(record)) }
    }

    private mutating func versioned(_ capabilities: NodeCapabilities) -> NodeCapabilities {
        capabilityCounter += 1
        var capabilities = capabilities
        // Grows over restarts too: the start of the agent stands above its changes.
        capabilities.version = membership.life.generation << 20 + min(capabilityCounter, 1 << 20 - 1)
        return capabilities
    }

    // MARK: What follows from the inputs

    private mutating func settle(now: Duration, _ effects: inout [ClusterEffect]) {
        carry(membership.tick(now: now), &effects)
        elect(now: now, &effects)
        followCarbon(now: now, &effects)
        direct(now: now, &effects)
        report(&effects)
        persistIfDue(&effects)
        let leader = self.leader
        if membership.changes != lastMembershipChanges || viewIsChanged || leader != lastLeader {
            lastMembershipChanges = membership.changes
            lastLeader = leader
            viewIsChanged = false
            effects.append(.viewChanged)
        }
    }

    /// Puts what must be on disk into one effect; everything after it in the list may rest on it.
    mutating func persistIfDue(_ effects: inout [ClusterEffect]) {
        if membership.modelChanges != lastModelChanges {
            lastModelChanges = membership.modelChanges
            persistIsDue = true
        }
        guard persistIsDue else { return }
        persistIsDue = false
        stored.generation = membership.life.generation
        stored.termNumber = election.termNumber
        stored.accepted = follower.fence.accepted
        stored.models = membership.models.models
        effects.append(.persist(stored))
    }
}
