import Costs

/// What happens to one model's plans as boards report, die, refuse or take too long.
extension PlanDirector {
    mutating func upkeep(_ index: Int, _ world: World, now: Duration, _ directives: inout [Directive]) {
        tracks[index].quarantined.removeAll { now >= $0.until }
        checkInForce(index, world, now: now, &directives)
        checkReleasing(index, world, now: now, &directives)
        switch tracks[index].stage {
        case .idle: break
        case .solving(let token, let deadline):
            if now >= deadline {
                directives.append(.effect(.cancelSolve(token)))
                failed(index, "the solver took longer than \(settings.solveTimeout)", now: now, &directives)
            }
        case .swapping(let record, let deadline):
            checkSwapping(index, record, deadline, world, now: now, &directives)
        case .preparing(let record, let deadline):
            checkPreparing(index, record, deadline, world, now: now, &directives)
        }
    }

    private mutating func checkInForce(
        _ index: Int, _ world: World, now: Duration, _ directives: inout [Directive]
    ) {
        guard let record = tracks[index].inForce else { return }
        for node in record.participants {
            guard let why = lossOf(record.id, on: node, tracks[index], world) else { continue }
            tracks[index].inForce = nil
            tracks[index].add(.participantLost(node, why: why), now: now)
            tracks[index].notBefore = min(tracks[index].notBefore, now)
            event(.lost, tracks[index], plan: record.id, "board \(node): \(why)", &directives)
            return
        }
    }

    /// Why the board does not run the plan in force any more; nil while it does.
    private func lossOf(_ plan: PlanID, on node: NodeID, _ track: ModelTrack, _ world: World) -> String? {
        guard let board = world.board(node) else { return "it is gone" }
        guard board.generation == track.generations[node] else { return "it restarted" }
        guard let state = boards.first(where: { $0.node == node }), let report = state.report,
            report.revision == state.revision, state.wanted.contains(where: { $0.plan == plan })
        else { return nil }
        guard let held = state.held(plan) else { return "it does not hold the plan any more" }
        switch held.phase {
        case .lost, .refused: return held.reason ?? "it lost the plan"
        case .preparing, .ready, .committed, .draining, .drained: return nil
        }
    }

    private mutating func checkReleasing(
        _ index: Int, _ world: World, now: Duration, _ directives: inout [Directive]
    ) {
        guard let releasing = tracks[index].releasing else { return }
        let plan = releasing.record.id
        let reason: String
        if isDrained(releasing.record, world) {
            reason = "no request is in flight under it any more"
        } else if now >= releasing.deadline {
            reason = "its requests run again under the new plan: it did not drain within \(settings.drainTimeout)"
        } else if let gone = releasing.record.participants.first(where: { world.board($0) == nil }) {
            reason = "its requests run again under the new plan: board \(gone) is gone"
        } else {
            return
        }
        tracks[index].releasing = nil
        event(.drained, tracks[index], plan: plan, reason, &directives)
    }

    /// Has the source's board no request in flight under the plan, or does it not hold it at all?
    private func isDrained(_ record: PlanRecord, _ world: World) -> Bool {
        guard let source = world.node(of: record.model.source),
            let board = boards.first(where: { $0.node == source }), let report = board.report,
            report.revision == board.revision,
            board.wanted.contains(where: { $0.plan == record.id && $0.phase == .drain })
        else { return world.node(of: record.model.source) == nil }
        guard let held = board.held(record.id) else { return true }
        switch held.phase {
        case .drained, .lost, .refused: return true
        case .preparing, .ready, .committed, .draining: return false
        }
    }

    private mutating func checkSwapping(
        _ index: Int, _ record: PlanRecord, _ deadline: Duration, _ world: World, now: Duration,
        _ directives: inout [Directive]
    ) {
        if let gone = record.participants.first(where: { world.board($0) == nil }) {
            // The plan in force may still run: go on with it.
            refused(index, record, by: gone, "it is gone", quarantine: false, now: now, &directives)
            return
        }
        if let old = tracks[index].inForce {
            guard isDrained(old, world) || now >= deadline else { return }
            tracks[index].inForce = nil
            event(.drained, tracks[index], plan: old.id, "it makes room for \(record.id)", &directives)
        }
        tracks[index].stage = .preparing(record, deadline: now + settings.prepareTimeout)
    }

    private mutating func checkPreparing(
        _ index: Int, _ record: PlanRecord, _ deadline: Duration, _ world: World, now: Duration,
        _ directives: inout [Directive]
    ) {
        var allReady = true
        for node in record.participants {
            guard let board = world.board(node) else {
                refused(index, record, by: node, "it is gone", quarantine: false, now: now, &directives)
                return
            }
            guard board.generation == tracks[index].proposalGenerations[node] else {
                refused(index, record, by: node, "it restarted", quarantine: false, now: now, &directives)
                return
            }
            let held = boards.first { $0.node == node }?.held(record.id)
            switch held?.phase {
            case .ready, .committed: continue
            case .refused:
                refused(
                    index, record, by: node, held?.reason ?? "no reason given", quarantine: true, now: now, &directives)
                return
            case .lost, .draining, .drained:
                refused(
                    index, record, by: node, held?.reason ?? "it lost the plan", quarantine: false, now: now,
                    &directives)
                return
            case .preparing, nil: allReady = false
            }
            if now >= deadline {
                refused(
                    index, record, by: node, "it was not ready within \(settings.prepareTimeout)", quarantine: true,
                    now: now, &directives)
                return
            }
        }
        if allReady { commit(index, record, now: now, &directives) }
    }

    private mutating func commit(
        _ index: Int, _ record: PlanRecord, now: Duration, _ directives: inout [Directive]
    ) {
        let old = tracks[index].inForce
        if old != nil, tracks[index].solveReasons.allSatisfy(\.canWait) {
            tracks[index].switches.switched(now: now, policy)
        }
        tracks[index].pause.foundSomething()
        var record = record
        record.switchAgesS = tracks[index].switches.agesS(now: now, policy)
        tracks[index].inForce = record
        tracks[index].generations = tracks[index].proposalGenerations
        tracks[index].stage = .idle
        tracks[index].committedAt = now
        tracks[index].failures = 0
        if let old {
            tracks[index].releasing = .init(record: old, deadline: now + settings.drainTimeout)
        }
        let numbers = tracks[index].numbers
        let track = tracks[index]
        event(
            .prepared, track, plan: record.id, "all \(record.participants.count) boards are ready", numbers: numbers,
            &directives)
        directives.append(.effect(.publishPlan(record)))
        event(.committed, track, plan: record.id, record.reason, numbers: numbers, &directives)
        settleRequests(index, .planned, record.reason, &directives)
    }

    /// Answers those who asked before the plan was sought; who asked later waits for the next solve.
    mutating func settleRequests(
        _ index: Int, _ outcome: ReplanReply.Outcome, _ reason: String, _ directives: inout [Directive]
    ) {
        for request in tracks[index].waiting {
            reply(
                to: request, model: tracks[index].model.name, outcome, reason, tracks[index].inForce?.id,
                tracks[index].numbers, &directives)
        }
        tracks[index].waiting = []
    }

    /// The proposal is off; another is sought.
    private mutating func refused(
        _ index: Int, _ record: PlanRecord, by node: NodeID, _ why: String, quarantine: Bool, now: Duration,
        _ directives: inout [Directive]
    ) {
        tracks[index].stage = .idle
        event(.refused, tracks[index], plan: record.id, "board \(node): \(why)", &directives)
        if quarantine {
            backOff(index, now: now)
            tracks[index].quarantined.removeAll { $0.node == node }
            tracks[index].quarantined.append(.init(node: node, until: now + settings.quarantine))
            tracks[index].add(.refused(node, why: why), now: now)
        } else {
            tracks[index].add(.participantLost(node, why: why), now: now)
        }
    }

    mutating func failed(_ index: Int, _ why: String, now: Duration, _ directives: inout [Directive]) {
        tracks[index].stage = .idle
        tracks[index].numbers = nil
        backOff(index, now: now)
        // What became known while the solver ran may be what it lacked.
        if tracks[index].reasons.contains(where: \.isOfCarbon) {
            tracks[index].notBefore = min(tracks[index].notBefore, now + settings.backoffMinimum)
        }
        // A grid that is not known any more is worth saying beside what cannot be planned without it.
        let reasons = tracks[index].solveReasons.filter(\.isOfCarbon).map(\.description)
        event(
            .failed, tracks[index], plan: tracks[index].inForce?.id, (reasons + [why]).joined(separator: "; "),
            &directives)
        settleRequests(index, .failed, why, &directives)
        if tracks[index].inForce == nil {
            directives.append(.effect(.retractPlan(model: tracks[index].model.name)))
            tracks[index].add(.noPlan, now: now)
        }
    }

    private mutating func backOff(_ index: Int, now: Duration) {
        tracks[index].failures += 1
        let doublings = min(tracks[index].failures - 1, 16)
        tracks[index].notBefore = now + min(settings.backoffMaximum, settings.backoffMinimum * (1 << doublings))
    }
}
