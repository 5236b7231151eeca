import Costs

/// The probe under way, those relayed for others, and the order in which members are probed.
struct ProbeState: Sendable {
    struct Probe: Sendable {
        var sequence: UInt64
        var target: NodeID
        var directDeadline: Duration
        var deadline: Duration
        var relays: [NodeID] = []
        var nacks: [NodeID] = []
        var indirect = false
    }

    struct Relay: Sendable {
        /// Of our own ping to the target.
        var sequence: UInt64
        var requester: NodeID
        var requesterSequence: UInt64
        var target: NodeID
        var deadline: Duration
    }

    var current: Probe?
    var relays: [Relay] = []
    var order: [NodeID] = []
    var sequence: UInt64 = 0
    var nextProbe: Duration = .zero
    var nextReconnect: Duration = .zero

    var nextDeadline: Duration {
        var next = min(nextProbe, nextReconnect)
        if let current {
            next = min(next, current.indirect ? current.deadline : current.directDeadline)
        }
        for relay in relays { next = min(next, relay.deadline) }
        return next
    }

    mutating func abort(nextAt: Duration) {
        current = nil
        relays = []
        nextProbe = nextAt
        nextReconnect = nextAt
    }

    /// A newcomer takes a random place in the round (SWIM, section 4.3).
    mutating func joined(_ node: NodeID, using random: inout SeededGenerator) {
        order.insert(node, at: Int.random(in: 0...order.count, using: &random))
    }
}

/// How silence is noticed: direct probe, indirect probes, suspicion (SWIM, sections 3.1 and 4.1 to 4.3).
extension Membership {
    mutating func advanceProbes(now: Duration, _ directives: inout [Directive]) {
        answerRelays(now: now, &directives)
        if let current = probes.current {
            if now >= current.deadline {
                probes.current = nil
                failed(current, now: now)
            } else if !current.indirect, now >= current.directDeadline {
                askRelays(current, &directives)
            }
        }
        if probes.current == nil, now >= probes.nextProbe {
            probes.nextProbe = now + health.stretched(settings.probePeriod)
            if let target = nextTarget() { probe(target, now: now, &directives) }
        }
        if now >= probes.nextReconnect {
            probes.nextReconnect = now + settings.reconnectPeriod
            let gone = members.filter { !$0.status.isLive }.map(\.node)
            for target in [gone.randomElement(using: &random), nextStranger()].compactMap(\.self) {
                probes.sequence += 1
                directives.append(.send(.ping(sequence: probes.sequence), to: target))
            }
        }
    }

    private mutating func probe(_ target: NodeID, now: Duration, _ directives: inout [Directive]) {
        probes.sequence += 1
        let period = health.stretched(settings.probePeriod)
        probes.current = ProbeState.Probe(
            sequence: probes.sequence, target: target,
            directDeadline: now + min(health.stretched(settings.directTimeout), period), deadline: now + period)
        directives.append(.send(.ping(sequence: probes.sequence), to: target))
    }

    private mutating func askRelays(_ probe: ProbeState.Probe, _ directives: inout [Directive]) {
        probes.current?.indirect = true
        let relays = pick(settings.indirectProbes, except: [probe.target])
        probes.current?.relays = relays
        for relay in relays {
            directives.append(.send(.pingRequest(sequence: probe.sequence, target: probe.target), to: relay))
        }
    }

    private mutating func failed(_ probe: ProbeState.Probe, now: Duration) {
        health.relaysSilent(probe.relays.count - probe.nacks.count)
        guard now >= graceUntil, let index = index(of: probe.target) else { return }
        suspect(index, by: node, now: now)
    }

    private mutating func nextTarget() -> NodeID? {
        for _ in 0..<2 {
            while let target = probes.order.popLast() {
                if self[target]?.status.isLive == true { return target }
            }
            probes.order = livePeers.shuffled(using: &random)
        }
        return nil
    }

    private mutating func nextStranger() -> NodeID? {
        guard let index = strangers.indices.randomElement(using: &random) else { return nil }
        let node = strangers[index].node
        strangers[index].pings -= 1
        if strangers[index].pings <= 0 { strangers.remove(at: index) }
        return node
    }

    private mutating func answerRelays(now: Duration, _ directives: inout [Directive]) {
        guard probes.relays.contains(where: { now >= $0.deadline }) else { return }
        for relay in probes.relays where now >= relay.deadline {
            directives.append(.send(.nack(sequence: relay.requesterSequence, of: relay.target), to: relay.requester))
        }
        probes.relays.removeAll { now >= $0.deadline }
    }

    public mutating func heardPing(sequence: UInt64, from sender: NodeID) -> [Directive] {
        [.send(.ack(sequence: sequence, of: node), to: sender)]
    }

    public mutating func heardAck(sequence: UInt64, of target: NodeID) -> [Directive] {
        if let current = probes.current, current.sequence == sequence, current.target == target {
            probes.current = nil
            health.probeAnswered()
            return []
        }
        guard let index = probes.relays.firstIndex(where: { $0.sequence == sequence && $0.target == target }) else {
            return []
        }
        let relay = probes.relays.remove(at: index)
        return [.send(.ack(sequence: relay.requesterSequence, of: target), to: relay.requester)]
    }

    public mutating func heardNack(sequence: UInt64, from relay: NodeID) {
        guard let current = probes.current, current.sequence == sequence, current.relays.contains(relay),
            !current.nacks.contains(relay)
        else { return }
        probes.current?.nacks.append(relay)
    }

    public mutating func heardPingRequest(
        sequence: UInt64, target: NodeID, from requester: NodeID, now: Duration
    ) -> [Directive] {
        if target == node { return [.send(.ack(sequence: sequence, of: node), to: requester)] }
        guard index(of: target) != nil else {
            return [.send(.nack(sequence: sequence, of: target), to: requester)]
        }
        guard probes.relays.count < ClusterLimits.relays else {
            return [
                .warning(
                    "a probe of \(target) for \(requester) was refused: \(ClusterLimits.relays) are relayed, the limit")
            ]
        }
        probes.sequence += 1
        probes.relays.append(
            ProbeState.Relay(
                sequence: probes.sequence, requester: requester, requesterSequence: sequence, target: target,
                deadline: now + settings.directTimeout))
        return [.send(.ping(sequence: probes.sequence), to: target)]
    }
}
