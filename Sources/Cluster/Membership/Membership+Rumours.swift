import Costs

/// How news spreads: piggybacked on every message, on gossip of its own while there is some, and by digests.
extension Membership {
    /// The rumours for one message to the node: first what is believed wrong of the receiver itself, so that it can
    /// refute (Lifeguard, section IV-C, "buddy system").
    public mutating func rumours(for receiver: NodeID) -> [Rumour] {
        var result: [Rumour] = []
        if let member = self[receiver], member.status != .alive { result.append(.member(member.claim)) }
        guard !rumours.isEmpty else { return result }
        let limit = RumourQueue.limit(
            multiplier: settings.rumourMultiplier, members: members.count { $0.status.isLive } + 1)
        let subjects = rumours.take(
            light: ClusterLimits.rumoursPerMessage - result.count, heavy: ClusterLimits.heavyRumoursPerMessage,
            limit: limit)
        for subject in subjects {
            if case .member(receiver) = subject, !result.isEmpty { continue }
            if let rumour = news(of: subject) { result.append(rumour) }
        }
        return result
    }

    private func news(of subject: RumourSubject) -> Rumour? {
        switch subject {
        case .member(let other):
            if other == node {
                return .member(MemberClaim(node: node, status: stopped ? .left : .alive, life: life))
            }
            return self[other].map { .member($0.claim) }
        case .capabilities(let other): return capabilities(of: other).map { .capabilities($0) }
        case .model(let name): return models[name].map { .model($0) }
        }
    }

    public mutating func apply(_ heard: [Rumour], now: Duration) -> [Directive] {
        var directives: [Directive] = []
        for rumour in heard.prefix(ClusterLimits.rumoursReadPerMessage) {
            switch rumour {
            case .member(let claim): apply(claim, now: now, &directives)
            case .capabilities(let capabilities): directives += self.heard(capabilities, now: now)
            case .model(let model): directives += self.heard(model)
            }
        }
        return directives
    }

    /// Capabilities of another node. They say nothing of whether it lives: a retained message outlives its sender.
    public mutating func heard(_ capabilities: NodeCapabilities, now: Duration) -> [Directive] {
        guard capabilities.node != node else { return [] }
        guard let index = index(of: capabilities.node) else {
            // Not known as a member: ask, and let the answer admit it.
            heardOf(capabilities.node)
            return connected ? [.send(.digest(digest(answerWanted: true)), to: capabilities.node)] : []
        }
        guard capabilities.version > members[index].capabilities?.version ?? 0 else { return [] }
        members[index].capabilities = capabilities
        rumours.add(.capabilities(capabilities.node))
        changes += 1
        return []
    }

    public mutating func heard(_ model: ModelRecord) -> [Directive] {
        switch models.merge(model) {
        case .changed:
            rumours.add(.model(model.name))
            changes += 1
            modelChanges += 1
            return []
        case .known: return []
        case .refused:
            return [
                .warning(
                    "model \(model.name) was refused: the catalogue holds \(ClusterLimits.models) models, the limit")
            ]
        }
    }

    /// Our own capabilities, as they are from now on.
    public mutating func setOwn(_ capabilities: NodeCapabilities) {
        own = capabilities
        rumours.add(.capabilities(node))
        changes += 1
    }

    func digest(answerWanted: Bool) -> Digest {
        var claims = members.map(\.claim)
        claims.append(MemberClaim(node: node, status: .alive, life: life))
        var versions = members.compactMap { member in
            member.capabilities.map { Digest.Capabilities(node: member.node, version: $0.version) }
        }
        versions.append(.init(node: node, version: own.version))
        let models = models.models.map {
            Digest.Model(name: $0.name, version: $0.version, holders: $0.holders.count)
        }
        return Digest(members: claims, capabilities: versions, models: models, answerWanted: answerWanted)
    }

    /// Learns from a digest and sends what its sender lacks.
    public mutating func heard(_ digest: Digest, from sender: NodeID, now: Duration) -> [Directive] {
        var directives: [Directive] = []
        for claim in digest.members.prefix(ClusterLimits.entriesPerMessage) {
            apply(claim, now: now, &directives)
        }
        let versions = digest.capabilities.prefix(ClusterLimits.entriesPerMessage)
        var lacking: [Rumour] = []
        for subject in [node] + members.map(\.node) {
            guard let ours = capabilities(of: subject) else { continue }
            let theirs = versions.first { $0.node == subject }?.version ?? 0
            if ours.version > theirs { lacking.append(.capabilities(ours)) }
        }
        for model in models.models {
            let theirs = digest.models.first { $0.name == model.name }
            let known = (theirs?.version ?? 0, theirs?.holders ?? -1)
            if known < (model.version, model.holders.count) { lacking.append(.model(model)) }
        }
        pending(lacking, for: sender, &directives)
        if digest.answerWanted { directives.append(.send(.digest(self.digest(answerWanted: false)), to: sender)) }
        return directives
    }

    private func pending(_ rumours: [Rumour], for receiver: NodeID, _ directives: inout [Directive]) {
        var rest = rumours[...]
        var messages = 0
        while !rest.isEmpty, messages < ClusterLimits.messagesPerDigest {
            directives.append(.news(Array(rest.prefix(ClusterLimits.heavyRumoursPerMessage)), to: receiver))
            rest = rest.dropFirst(ClusterLimits.heavyRumoursPerMessage)
            messages += 1
        }
    }
}
