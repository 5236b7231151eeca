import Costs

/// When a solve starts, and what is made of its outcome.
extension PlanDirector {
    var isSolving: Bool {
        tracks.contains { track in
            if case .solving = track.stage { return true }
            return false
        }
    }

    /// When a track's reasons may lead to a solve.
    func earliestSolve(_ track: ModelTrack) -> Duration {
        var time = track.notBefore
        if track.reasons.allSatisfy(\.canWait), track.inForce != nil, let committedAt = track.committedAt {
            time = max(time, committedAt + policy.dwell, track.switches.earliest(policy), rest.until)
        }
        if track.areOpportunities(track.reasons) { time = max(time, track.pause.earliest) }
        return time
    }

    /// One solve at a time: the boards are small.
    mutating func startSolve(_ world: World, now: Duration, _ directives: inout [Directive]) {
        for index in tracks.indices { sayHeldBack(index, now: now, &directives) }
        guard !isSolving else { return }
        for index in tracks.indices {
            guard case .idle = tracks[index].stage, !tracks[index].reasons.isEmpty,
                now >= earliestSolve(tracks[index])
            else { continue }
            // Boards that start together shall be planned for together; but a stream of joins cannot hold this up.
            let latestJoin = world.boards.map(\.joinedAt).max() ?? now
            let settled = min(
                latestJoin + settings.joinSettle, tracks[index].reasonsSince + settings.joinSettle * 4)
            if now < settled {
                tracks[index].notBefore = max(tracks[index].notBefore, settled)
                continue
            }
            solve(index, world, now: now, &directives)
            return
        }
    }

    /// To wait is a decision too: it is said once, with the reasons that wait.
    private mutating func sayHeldBack(_ index: Int, now: Duration, _ directives: inout [Directive]) {
        let track = tracks[index]
        guard case .idle = track.stage, !track.reasons.isEmpty, !track.isHeldBack, let inForce = track.inForce,
            track.reasons.allSatisfy(\.canWait), now < track.switches.earliest(policy),
            track.committedAt.map({ now >= $0 + policy.dwell }) ?? true
        else { return }
        tracks[index].isHeldBack = true
        let reason = track.reasons.map(\.description).joined(separator: "; ")
        let waitS = (track.switches.earliest(policy) - now).inSeconds.rounded(.up)
        event(
            .kept, track, plan: inForce.id,
            "\(reason): the plan changed \(policy.switchesPerWindow) times within \(policy.switchWindow), the limit; "
                + "the next change is thought of in \(Int(waitS)) s", &directives)
    }

    private mutating func solve(_ index: Int, _ world: World, now: Duration, _ directives: inout [Directive]) {
        let track = tracks[index]
        lastToken += 1
        let token = SolveToken(lastToken)
        let needed = [world.node(of: track.model.source), world.node(of: track.model.destination)]
        let members = world.boards.map(\.capabilities).filter { board in
            needed.contains(board.node) || !track.quarantined.contains { $0.node == board.node }
        }
        let incumbent = track.inForce.flatMap { ModelTrack.sameModel($0.model, track.model) ? $0 : nil }
        tracks[index].basis = world.boards.map(\.capabilities)
        tracks[index].carbonBasis = carbon.intensities(now: now)
        tracks[index].waiting += track.requests
        tracks[index].stage = .solving(token, deadline: now + settings.solveTimeout)
        tracks[index].solveReasons = track.reasons
        tracks[index].reasons = []
        tracks[index].isHeldBack = false
        directives.append(
            .effect(
                .solve(
                    SolveRequest(
                        token: token, model: track.model, members: members, reserved: reserved(except: index),
                        reasons: track.reasons, goal: track.asked ?? goal, carbon: tracks[index].carbonBasis,
                        incumbent: incumbent))))
    }

    /// Memory held by the plans of the other models.
    private func reserved(except index: Int) -> [DeviceMemory] {
        var bytes: [DeviceID: Int] = [:]
        for other in tracks.indices where other != index {
            for record in tracks[other].heldRecords {
                for share in record.plan.devices { bytes[share.id, default: 0] += share.peakMemoryBytes }
            }
        }
        return bytes.keys.sorted().map { DeviceMemory(device: $0, memoryBytes: bytes[$0] ?? 0) }
    }

    /// The answer to an earlier `.solve`. An answer to another solve than the current one is dropped.
    public mutating func solved(
        _ token: SolveToken, _ outcome: SolveOutcome, _ world: World, now: Duration
    ) -> [Directive] {
        var directives: [Directive] = []
        let current = tracks.firstIndex { track in
            if case .solving(token, _) = track.stage { return true }
            return false
        }
        guard let index = current else { return [] }
        switch outcome {
        case .failed(let reason), .infeasible(let reason):
            failed(index, reason, now: now, &directives)
        case .planned(let solved):
            rest.searched(for: solved.plan.solveS, now: now)
            planned(index, solved, world, now: now, &directives)
        }
        return directives
    }

    private mutating func planned(
        _ index: Int, _ solved: SolvedPlan, _ world: World, now: Duration, _ directives: inout [Directive]
    ) {
        let track = tracks[index]
        let plan = solved.plan
        let devices = plan.partakers + [track.model.source, track.model.destination]
        var participants: [NodeID] = []
        for device in devices {
            guard let node = world.node(of: device) else {
                tracks[index].stage = .idle
                tracks[index].reasons = track.solveReasons
                tracks[index].notBefore = now + settings.backoffMinimum
                event(
                    .failed, track, plan: track.inForce?.id, "the plan found needs device \(device), which is gone",
                    &directives)
                return
            }
            if !participants.contains(node) { participants.append(node) }
        }
        participants.sort()
        let same = track.inForce.map { $0.plan.asksTheSame(as: plan) } ?? false
        // The incumbent may have been lost, or the model replaced, while the solver ran.
        let comparable = track.inForce.map { ModelTrack.sameModel($0.model, track.model) } ?? false
        var comparison = ReplanPolicy.Comparison(solved)
        if !comparable { comparison.incumbentValue = nil }
        if !comparable { comparison.incumbentLatencyS = nil }
        let decision = policy.decide(comparison, sameAssignment: same && comparable)
        let reason = track.solveReasons.map(\.description).joined(separator: "; ")
        tracks[index].numbers = decision.numbers
        guard decision.adopt else {
            tracks[index].stage = .idle
            tracks[index].failures = 0
            if track.areOpportunities(track.solveReasons) { tracks[index].pause.foundNothing(now: now) }
            if same, comparable { restate(index, plan, &directives) }
            let explanation = "\(reason): \(decision.explanation)"
            event(
                .kept, track, plan: track.inForce?.id, explanation, numbers: decision.numbers, &directives)
            settleRequests(index, .kept, explanation, &directives)
            return
        }
        sequence += 1
        let record = PlanRecord(
            id: PlanID(term: term.number, leader: term.node, sequence: sequence), model: track.model,
            participants: participants, reason: "\(reason): \(decision.explanation)", goal: track.asked, plan: plan)
        tracks[index].proposalGenerations = generations(of: participants, world)
        event(.proposed, track, plan: record.id, record.reason, numbers: decision.numbers, &directives)
        if track.inForce != nil, !fitsBeside(record, index, world) {
            tracks[index].stage = .swapping(record, deadline: now + settings.drainTimeout)
        } else {
            tracks[index].stage = .preparing(record, deadline: now + settings.prepareTimeout)
        }
    }

    /// The boards run what was found already, but it is now for something else: the record says so.
    private mutating func restate(_ index: Int, _ plan: Plan, _ directives: inout [Directive]) {
        guard var record = tracks[index].inForce,
            record.plan.objective != plan.objective || record.goal != tracks[index].asked
        else { return }
        record.goal = tracks[index].asked
        record.plan = plan
        tracks[index].inForce = record
        directives.append(.effect(.publishPlan(record)))
    }

    /// Can every device hold the new plan beside all that it holds now?
    private func fitsBeside(_ record: PlanRecord, _ index: Int, _ world: World) -> Bool {
        let devices = world.boards.flatMap(\.capabilities.devices)
        let held = tracks.flatMap(\.heldRecords).flatMap(\.plan.devices)
        return record.plan.devices.allSatisfy { share in
            guard let device = devices.first(where: { $0.id == share.id }) else { return false }
            let before = held.filter { $0.id == share.id }.reduce(0) { $0 + $1.peakMemoryBytes }
            return before + share.peakMemoryBytes <= device.memoryBytes
        }
    }
}
