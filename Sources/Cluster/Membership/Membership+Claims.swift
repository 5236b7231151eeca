import Costs

/// What is believed of whom: the precedence rules of SWIM, section 4.2, with the start of the agent above all.
extension Membership {
    /// Takes the sender's own word that it lives; answers a sender that is believed gone, so that it can refute.
    public mutating func heardFrom(_ message: Message, now: Duration) -> [Directive] {
        guard message.from != node else { return [] }
        var directives: [Directive] = []
        apply(MemberClaim(node: message.from, status: .alive, life: message.life), now: now, &directives)
        if let member = self[message.from], !member.status.isLive {
            // The envelope carries our claim about the receiver.
            directives.append(.send(.gossip, to: message.from))
        }
        return directives
    }

    /// The broker, or the node itself, says that it is offline.
    public mutating func lastWill(of other: NodeID, now: Duration) {
        strangers.removeAll { $0.node == other }
        guard connected, let index = index(of: other), members[index].status.isLive else { return }
        suspect(index, by: node, now: now)
        members[index].suspicion?.lastWill(deadline: now + settings.lastWillTimeout)
    }

    /// The node says itself that it stops.
    public mutating func leave(of other: NodeID, life: Life, now: Duration) -> [Directive] {
        var directives: [Directive] = []
        apply(MemberClaim(node: other, status: .left, life: life), now: now, &directives)
        return directives
    }

    mutating func apply(_ claim: MemberClaim, now: Duration, _ directives: inout [Directive]) {
        guard claim.generation <= Life.maximumNumber, claim.incarnation <= Life.maximumNumber else {
            directives.append(.warning("a claim about node \(claim.node) was dropped: its life is out of range"))
            return
        }
        if claim.node == node {
            refute(claim, &directives)
            return
        }
        guard let index = index(of: claim.node) else {
            if claim.status.isLive { admit(claim, now: now, &directives) }
            return
        }
        let known = members[index]
        if claim.life == known.life, claim.status == .suspect, known.status == .suspect {
            if let accuser = claim.suspectedBy, members[index].suspicion?.confirm(by: accuser) == true {
                rumours.add(.member(claim.node))
            }
            return
        }
        guard claim.life > known.life || (claim.life == known.life && claim.status > known.status) else { return }
        let restarted = claim.generation != known.life.generation
        members[index].life = claim.life
        switch claim.status {
        case .alive:
            members[index].suspicion = nil
            members[index].goneAt = nil
            if !known.status.isLive || restarted { members[index].joinedAt = now }
        case .suspect:
            members[index].suspicion = Suspicion(startedAt: now, by: claim.suspectedBy)
            members[index].goneAt = nil
            if !known.status.isLive || restarted { members[index].joinedAt = now }
        case .dead, .left:
            members[index].suspicion = nil
            members[index].goneAt = now
        }
        members[index].status = claim.status
        rumours.add(.member(claim.node))
        changes += 1
    }

    private mutating func refute(_ claim: MemberClaim, _ directives: inout [Directive]) {
        guard !stopped else { return }
        if claim.life > life {
            // Only a start of ours that this disk has forgotten can have said so.
            life = Life(generation: claim.generation + 1, incarnation: 0)
            directives.append(.generationRaised)
        } else if claim.life == life, claim.status != .alive {
            life.incarnation += 1
            health.suspected()
        } else {
            return
        }
        rumours.add(.member(node))
        changes += 1
    }

    private mutating func admit(_ claim: MemberClaim, now: Duration, _ directives: inout [Directive]) {
        if members.count >= ClusterLimits.members - 1 {
            let oldest = members.indices.filter { !members[$0].status.isLive }
                .min { (members[$0].goneAt ?? now) < (members[$1].goneAt ?? now) }
            guard let oldest else {
                directives.append(
                    .warning(
                        "node \(claim.node) was not admitted: the cluster has \(ClusterLimits.members) nodes, the limit"
                    ))
                return
            }
            members.remove(at: oldest)
        }
        strangers.removeAll { $0.node == claim.node }
        var member = Member(node: claim.node, status: claim.status, life: claim.life, joinedAt: now)
        if claim.status == .suspect { member.suspicion = Suspicion(startedAt: now, by: claim.suspectedBy) }
        let place = members.firstIndex { $0.node > claim.node } ?? members.count
        members.insert(member, at: place)
        rumours.add(.member(claim.node))
        probes.joined(claim.node, using: &random)
        changes += 1
        // Tell each other all at once; rumours would take longer.
        directives.append(.send(.digest(digest(answerWanted: true)), to: claim.node))
    }

    mutating func suspect(_ index: Int, by accuser: NodeID, now: Duration) {
        switch members[index].status {
        case .alive:
            members[index].status = .suspect
            members[index].suspicion = Suspicion(startedAt: now, by: accuser)
            rumours.add(.member(members[index].node))
            changes += 1
        case .suspect:
            if members[index].suspicion?.confirm(by: accuser) == true { rumours.add(.member(members[index].node)) }
        case .dead, .left: break
        }
    }

    /// Suspects whose time is over are dead; the dead of long ago are forgotten.
    mutating func buryOverdue(now: Duration) {
        guard now >= graceUntil else { return }
        let others = max(0, members.count { $0.status.isLive } - 1)
        var forgotten = false
        for index in members.indices {
            if let suspicion = members[index].suspicion, now >= suspicion.deadline(settings, others: others) {
                members[index].status = .dead
                members[index].suspicion = nil
                members[index].goneAt = now
                rumours.add(.member(members[index].node))
                changes += 1
            } else if let goneAt = members[index].goneAt, now - goneAt > settings.forgetAfter {
                forgotten = true
            }
        }
        if forgotten {
            members.removeAll { member in member.goneAt.map { now - $0 > settings.forgetAfter } ?? false }
            changes += 1
        }
    }

    /// This node stops: it says so to every live peer and answers nobody any more.
    public mutating func stop() -> [Directive] {
        guard !stopped else { return [] }
        stopped = true
        changes += 1
        return livePeers.map { .send(.leave, to: $0) }
    }
}
