import Costs

/// What a node concludes once an input is taken in: who leads, what the leader does, what is reported.
extension ClusterMember {
    // MARK: Leadership

    mutating func elect(now: Duration, _ effects: inout [ClusterEffect]) {
        let valid = leader
        if let director, valid?.leadership != director.term { stepDown(director, &effects) }
        // Our own record, but we have stepped down from it: the others still follow it, so it is for us to renew it.
        let isSpent = valid?.node == node && director == nil
        let isVacant = valid == nil || isSpent
        let choice = isSpent ? node : isVacant ? self.choice : nil
        guard
            let record = election.stand(
                vacant: isVacant, choice: choice, generation: membership.life.generation, now: now)
        else { return }
        persistIsDue = true
        persistIfDue(&effects)
        effects.append(.publishLeader(record))
        let heardAt = plansHeard.compactMap { plan in plansHeardAt[plan.model.name].map { (plan.id, $0) } }
        director = PlanDirector(
            term: record.leadership, settings: settings.plans, policy: settings.policy, goal: settings.goal,
            known: follower.records + plansHeard, heardAt: Dictionary(heardAt) { max($0, $1) }, lastToken: lastToken,
            now: now)
        carry(membership.livePeers.map { .send(.gossip, to: $0) }, &effects)
    }

    private mutating func stepDown(_ director: PlanDirector, _ effects: inout [ClusterEffect]) {
        lastToken = max(lastToken, director.lastToken)
        for case .effect(let effect) in director.steppedDown() { effects.append(effect) }
        self.director = nil
    }

    func candidate(_ other: NodeID) -> Election.Candidate? {
        if other == node {
            return Election.Candidate(
                capabilities: membership.own, status: membership.stopped ? .left : .alive,
                generation: membership.life.generation)
        }
        return membership[other].map {
            Election.Candidate(capabilities: $0.capabilities, status: $0.status, generation: $0.life.generation)
        }
    }

    private var choice: NodeID? {
        let others = membership.members.map {
            Election.Candidate(capabilities: $0.capabilities, status: $0.status, generation: $0.life.generation)
        }
        return Election.choice(among: others + [candidate(node)].compactMap(\.self))
    }

    // MARK: Carbon

    /// What the book says goes to the director, and to our own topic.
    mutating func followCarbon(now: Duration, _ effects: inout [ClusterEffect]) {
        for sentence in carbon.lapse(now: now) { effects.append(.warning(sentence)) }
        if director?.carbon != carbon { director?.carbon = carbon }
        let own = ownIntensity(now: now)
        guard own != ownCarbon else { return }
        ownCarbon = own
        guard membership.connected else { return }
        effects.append(own.map { .publishCarbon($0) } ?? .retractCarbon)
    }

    /// The zone's value, else what is configured for a device of this board.
    private func ownIntensity(now: Duration) -> NodeCarbon? {
        guard let device = membership.own.devices.first(where: { $0.zone != nil }), let zone = device.zone else {
            return nil
        }
        if let known = carbon.intensity(of: zone, now: now) {
            return NodeCarbon(
                node: node, zone: zone, intensityGPerKwh: known.intensityGPerKwh, source: known.source,
                validUntil: carbon.validUntil(zone))
        }
        return device.intensityGPerKwh.map {
            NodeCarbon(node: node, zone: zone, intensityGPerKwh: $0, source: "configuration")
        }
    }

    // MARK: Plans

    var world: PlanDirector.World {
        mutating get {
            if let worldStored, worldStored.changes == membership.changes { return worldStored }
            var boards = membership.members.compactMap { member -> PlanDirector.World.Board? in
                guard member.status.isLive, let capabilities = member.capabilities else { return nil }
                return .init(
                    capabilities: capabilities, generation: member.life.generation, joinedAt: member.joinedAt)
            }
            let own = PlanDirector.World.Board(
                capabilities: membership.own, generation: membership.life.generation, joinedAt: .zero)
            boards.insert(own, at: boards.firstIndex { $0.capabilities.node > node } ?? boards.count)
            let world = PlanDirector.World(
                boards: boards, models: membership.models.present, changes: membership.changes)
            worldStored = world
            return world
        }
    }

    /// The leader's review, until our own board has nothing new to say to it.
    mutating func direct(now: Duration, _ effects: inout [ClusterEffect]) {
        guard director != nil, membership.connected else { return }
        let world = self.world
        let node = self.node
        for _ in 0..<8 {
            carry(director?.review(world, now: now) ?? [], now: now, &effects)
            guard let term = director?.term, follower.reportIsDue, let report = follower.report(to: term) else {
                return
            }
            let generation = membership.life.generation
            director?.heard(report, from: node, generation: generation)
        }
    }

    mutating func report(_ effects: inout [ClusterEffect]) {
        guard follower.reportIsDue, membership.connected, let leader, leader.node != node,
            let report = follower.report(to: leader.leadership)
        else { return }
        send(.report(report), to: leader.node, &effects)
    }

    // MARK: Carrying out directives

    mutating func carry(_ directives: [Membership.Directive], _ effects: inout [ClusterEffect]) {
        for directive in directives {
            switch directive {
            case .send(let body, let to): send(body, to: to, &effects)
            case .news(let rumours, let to):
                effects.append(.send(envelope(.gossip, rumours: rumours), to: to))
            case .generationRaised:
                persistIsDue = true
                persistIfDue(&effects)
            case .warning(let text): effects.append(.warning(text))
            }
        }
    }

    mutating func carry(_ directives: [PlanFollower.Directive], _ effects: inout [ClusterEffect]) {
        for directive in directives {
            switch directive {
            case .acceptedChanged:
                persistIsDue = true
                persistIfDue(&effects)
            case .effect(let effect):
                effects.append(effect)
                if case .commit = effect { viewIsChanged = true }
                if case .abandon = effect { viewIsChanged = true }
            }
        }
    }

    mutating func carry(_ directives: [PlanDirector.Directive], now: Duration, _ effects: inout [ClusterEffect]) {
        for directive in directives {
            switch directive {
            case .assign(let assignment, let to):
                if to == node {
                    carry(follower.assigned(assignment), &effects)
                } else {
                    send(.assignment(assignment), to: to, &effects)
                }
            case .effect(let effect):
                if case .publishPlan = effect { viewIsChanged = true }
                effects.append(effect)
            }
        }
    }

    private mutating func send(_ body: Message.Body, to receiver: NodeID, _ effects: inout [ClusterEffect]) {
        guard membership.connected else { return }
        let rumours = membership.rumours(for: receiver)
        effects.append(.send(envelope(body, rumours: rumours), to: receiver))
    }

    private func envelope(_ body: Message.Body, rumours: [Rumour]) -> Message {
        Message(
            from: node, life: membership.life, termNumber: election.termNumber, leader: election.claimed,
            rumours: rumours, body: body)
    }

    // MARK: Time

    /// When `.tick` is wanted next.
    public var nextTick: Duration { nextTickStored }

    func computeNextTick(now: Duration) -> Duration {
        var next = membership.nextTick(now: now)
        if membership.connected {
            let isSpent = election.claimed?.node == node && director == nil
            if election.isVacant, let time = election.nextTick(choice: isSpent ? node : choice) {
                next = min(next, time)
            }
            if let director { next = min(next, director.nextTick(now: now)) }
        }
        if let change = carbon.nextChange(now: now) { next = min(next, change) }
        return max(next, now + .milliseconds(1))
    }

    /// A loop that came late has heard nobody meanwhile: its own ear was deaf.
    mutating func noticeStall(now: Duration) {
        let late = now - nextTickStored
        if late > settings.membership.stallThreshold { membership.stalled(by: late, now: now) }
    }

    // MARK: View

    public var view: ClusterView {
        var members = membership.members.map {
            ClusterView.Member(node: $0.node, status: $0.status, life: $0.life, capabilities: $0.capabilities)
        }
        let own = ClusterView.Member(
            node: node, status: membership.stopped ? .left : .alive, life: membership.life,
            capabilities: membership.own)
        members.insert(own, at: members.firstIndex { $0.node > node } ?? members.count)
        return ClusterView(
            node: node, connected: membership.connected, leader: leader, termNumber: election.termNumber,
            members: members, models: membership.models.present, plans: plans)
    }

    private var plans: [PlanRecord] {
        if let director, director.takeoverDeadline == nil { return director.plansInForce }
        var plans = plansHeard
        for record in follower.committed {
            guard let index = plans.firstIndex(where: { $0.model.name == record.model.name }) else {
                plans.append(record)
                continue
            }
            if record.id > plans[index].id { plans[index] = record }
        }
        return plans.sorted { $0.model.name < $1.model.name }
    }
}
