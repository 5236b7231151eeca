import Costs

/// The leader's side of plan agreement: solve, prepare, commit when all are ready, drain, release.
///
/// It is level-triggered: the leader keeps what it wants each board to hold, boards report what they hold, and every
/// review compares the two. Lost, doubled and reordered messages therefore need no cases of their own.
public struct PlanDirector: Sendable {
    /// The cluster as the leader sees it.
    public struct World: Sendable {
        public struct Board: Sendable {
            public var capabilities: NodeCapabilities
            public var generation: UInt64
            public var joinedAt: Duration

            public init(capabilities: NodeCapabilities, generation: UInt64, joinedAt: Duration) {
                self.capabilities = capabilities
                self.generation = generation
                self.joinedAt = joinedAt
            }
        }

        /// Live boards whose capabilities are known, sorted by id; the leader included.
        public var boards: [Board]
        public var models: [ModelRecord]
        /// Raised whenever the boards or the models changed.
        public var changes: UInt64

        public init(boards: [Board], models: [ModelRecord], changes: UInt64) {
            self.boards = boards
            self.models = models
            self.changes = changes
        }

        func board(_ node: NodeID) -> Board? { boards.first { $0.capabilities.node == node } }

        func node(of device: DeviceID) -> NodeID? {
            boards.first { $0.capabilities.devices.contains { $0.id == device } }?.capabilities.node
        }
    }

    public enum Directive: Sendable, Equatable {
        case assign(Assignment, to: NodeID)
        case effect(ClusterEffect)
    }

    /// What the leader wants of one board, and what the board said.
    struct Board: Sendable {
        var node: NodeID
        var generation: UInt64
        var wanted: [AssignedPlan] = []
        var revision: UInt64 = 0
        var report: MemberReport?
        var nextSend: Duration

        func held(_ plan: PlanID) -> HeldPlanReport? { report?.plans.first { $0.plan == plan } }

        /// Has the board carried out all that it was asked?
        var isSettled: Bool {
            guard let report, report.revision == revision else { return false }
            return wanted.allSatisfy { wish in
                guard let held = report.plans.first(where: { $0.plan == wish.plan }) else { return false }
                switch wish.phase {
                case .prepare: return held.phase == .ready
                case .commit: return held.phase == .committed
                case .drain: return held.phase == .drained
                }
            }
        }
    }

    public let term: Term
    var settings: PlanSettings
    var policy: ReplanPolicy
    /// What plans are made for where nobody asked for something else.
    var goal: PlanGoal
    /// What is known of the grids; kept by the member.
    var carbon = CarbonBook()
    var tracks: [ModelTrack] = []
    var rest = SearchRest()
    var boards: [Board] = []
    /// Nil once the takeover is over.
    var takeoverDeadline: Duration?
    var known: [PlanRecord]
    /// When plans were heard of.
    private let heardAt: [PlanID: Duration]
    var sequence: UInt64 = 0
    var revision: UInt64 = 1
    var eventSequence: UInt64 = 0
    /// The last token given out; the next leadership of this node goes on from it.
    public internal(set) var lastToken: UInt64
    private var reviewedChanges: UInt64?

    /// - Parameters:
    ///   - known: plans that this node has heard of, for plans in force to be taken over.
    ///   - heardAt: when; of those missing it is not known.
    public init(
        term: Term, settings: PlanSettings, policy: ReplanPolicy, goal: PlanGoal = PlanGoal(), known: [PlanRecord],
        heardAt: [PlanID: Duration] = [:], lastToken: UInt64, now: Duration
    ) {
        self.term = term
        self.settings = settings
        self.policy = policy
        self.goal = goal
        self.known = known
        self.heardAt = heardAt
        self.lastToken = lastToken
        self.takeoverDeadline = now + settings.takeoverPatience
    }

    /// Plans in force, sorted by model.
    public var plansInForce: [PlanRecord] { tracks.compactMap(\.inForce) }

    /// Compares what is wanted with what is, and says what to do about it.
    public mutating func review(_ world: World, now: Duration) -> [Directive] {
        var directives: [Directive] = []
        syncBoards(world, now: now)
        if let deadline = takeoverDeadline {
            if boards.allSatisfy({ $0.report != nil }) || now >= deadline {
                takeoverDeadline = nil
                takeOver(world, now: now, &directives)
            }
        }
        if takeoverDeadline == nil {
            if reviewedChanges != world.changes {
                reviewedChanges = world.changes
                syncTracks(world, now: now, &directives)
            }
            for index in tracks.indices { noticeCarbon(index, world, now: now) }
            for index in tracks.indices { upkeep(index, world, now: now, &directives) }
            startSolve(world, now: now, &directives)
        }
        assign(world, now: now, &directives)
        return directives
    }

    public mutating func heard(_ report: MemberReport, from node: NodeID, generation: UInt64) {
        guard report.term == term, let index = boards.firstIndex(where: { $0.node == node }),
            boards[index].generation == generation
        else { return }
        if let last = boards[index].report, report.sequence <= last.sequence { return }
        boards[index].report = report
    }

    /// Somebody asks for a new plan.
    public mutating func requested(_ request: ReplanRequest, now: Duration) -> [Directive] {
        var directives: [Directive] = []
        var found = false
        if max(request.pins?.count ?? 0, request.clocks?.count ?? 0) > ClusterLimits.pinsPerRequest {
            let reason = "the request pins more than \(ClusterLimits.pinsPerRequest) layers, the limit"
            reply(to: request, model: request.model, .failed, reason, nil, nil, &directives)
            return directives
        }
        for index in tracks.indices where request.model == nil || request.model == tracks[index].model.name {
            found = true
            guard tracks[index].requests.count + tracks[index].waiting.count < ClusterLimits.replanRequestsPerModel
            else {
                reply(
                    to: request, model: tracks[index].model.name, .failed,
                    "\(ClusterLimits.replanRequestsPerModel) requests wait for this model already, the limit", nil, nil,
                    &directives)
                continue
            }
            if request.namesGoal { tracks[index].asked = request.goal(over: goal) }
            tracks[index].add(.requested(request), now: now)
        }
        if !found {
            let what = request.model.map { "model \($0) is not in the cluster" } ?? "the cluster has no models"
            reply(to: request, model: request.model, .failed, what, nil, nil, &directives)
        }
        return directives
    }

    /// The leader steps down: a solve that runs is of no use any more.
    public func steppedDown() -> [Directive] {
        tracks.compactMap { track in
            if case .solving(let token, _) = track.stage { return .effect(.cancelSolve(token)) }
            return nil
        }
    }

    /// When `review` is wanted next.
    public func nextTick(now: Duration) -> Duration {
        var next = boards.map(\.nextSend).min() ?? (now + settings.heartbeatPeriod)
        if let takeoverDeadline { return min(next, takeoverDeadline) }
        for track in tracks {
            switch track.stage {
            case .solving(_, let deadline), .swapping(_, let deadline), .preparing(_, let deadline):
                next = min(next, deadline)
            case .idle:
                if !track.reasons.isEmpty, !isSolving { next = min(next, earliestSolve(track)) }
                if !track.reasons.isEmpty, !track.isHeldBack, let committedAt = track.committedAt,
                    committedAt + policy.dwell > now
                {
                    next = min(next, committedAt + policy.dwell)
                }
            }
            if let releasing = track.releasing { next = min(next, releasing.deadline) }
        }
        if countsCarbon, let change = carbon.nextChange(now: now) { next = min(next, change) }
        return max(next, now + .milliseconds(1))
    }

    // MARK: Boards and tracks

    private mutating func syncBoards(_ world: World, now: Duration) {
        boards.removeAll { board in world.board(board.node) == nil }
        for board in world.boards {
            let node = board.capabilities.node
            guard let index = boards.firstIndex(where: { $0.node == node }) else {
                let place = boards.firstIndex { $0.node > node } ?? boards.count
                boards.insert(Board(node: node, generation: board.generation, nextSend: now), at: place)
                continue
            }
            if boards[index].generation != board.generation {
                boards[index] = Board(node: node, generation: board.generation, nextSend: now)
            }
        }
    }

    private mutating func syncTracks(_ world: World, now: Duration, _ directives: inout [Directive]) {
        for index in tracks.indices.reversed()
        where !world.models.contains(where: { $0.name == tracks[index].model.name }) {
            let track = tracks.remove(at: index)
            if case .solving(let token, _) = track.stage { directives.append(.effect(.cancelSolve(token))) }
            for request in track.waiting + track.requests {
                reply(to: request, model: track.model.name, .failed, "the model was removed", nil, nil, &directives)
            }
            directives.append(.effect(.retractPlan(model: track.model.name)))
        }
        for model in world.models {
            guard let index = tracks.firstIndex(where: { $0.model.name == model.name }) else {
                var track = ModelTrack(model: model)
                track.add(.noPlan, now: now)
                let place = tracks.firstIndex { $0.model.name > model.name } ?? tracks.count
                tracks.insert(track, at: place)
                continue
            }
            if !ModelTrack.sameModel(tracks[index].model, model) {
                tracks[index].add(.modelChanged(version: model.version), now: now)
                tracks[index].notBefore = now
            }
            tracks[index].model = model
        }
        for index in tracks.indices where !tracks[index].basis.isEmpty {
            noticeChanges(index, world, now: now, &directives)
        }
    }

    private mutating func noticeChanges(
        _ index: Int, _ world: World, now: Duration, _ directives: inout [Directive]
    ) {
        let changes = policy.changes(
            from: tracks[index].basis, to: world.boards.map(\.capabilities), model: tracks[index].model.name)
        for node in policy.recovered(from: tracks[index].basis, to: world.boards.map(\.capabilities))
        where !(tracks[index].inForce?.participants.contains(node) ?? false) {
            tracks[index].quarantined.removeAll { $0.node == node }
            tracks[index].add(.devicesChanged(node, what: "what was out of order is in order again"), now: now)
        }
        // What is out of order only since the last solve counts as known to it, so that its end is noticed.
        for board in world.boards.map(\.capabilities) where board.conditions != nil {
            guard let place = tracks[index].basis.firstIndex(where: { $0.node == board.node }) else { continue }
            tracks[index].basis[place].conditions = board.conditions
        }
        for change in changes {
            if case .boardLeft(let node) = change {
                // The loss of a participant is noticed by `upkeep`; without any other, no plan gets better.
                tracks[index].basis.removeAll { $0.node == node }
                if let inForce = tracks[index].inForce, !inForce.participants.contains(node) {
                    event(
                        .kept, tracks[index], plan: inForce.id, "\(change) and had no part in the plan", &directives)
                }
                continue
            }
            tracks[index].add(change, now: now)
            // A changed cluster may have a plan where the last one had none.
            if tracks[index].inForce == nil { tracks[index].notBefore = min(tracks[index].notBefore, now) }
        }
    }

    /// A new leader goes on with the plans that it finds in force, where it knows them and all their boards hold them.
    private mutating func takeOver(_ world: World, now: Duration, _ directives: inout [Directive]) {
        for model in world.models {
            var track = ModelTrack(model: model)
            // Of two words on one plan the later was restated for another goal.
            track.asked = known.reversed().filter { $0.model.name == model.name }.max { $0.id < $1.id }?.goal
            let committed = boards.flatMap { $0.report?.plans ?? [] }
                .filter { $0.model == model.name && ($0.phase == .committed) }.map(\.plan).max()
            if let committed, let record = known.last(where: { $0.id == committed }),
                ModelTrack.sameModel(record.model, model), record.participants.allSatisfy({ holds($0, committed) })
            {
                track.inForce = record
                track.committedAt = now
                track.switches = SwitchHistory(
                    agesS: record.switchAgesS ?? [], heardAt: heardAt[committed] ?? now, policy)
                track.generations = generations(of: record.participants, world)
                track.add(.leaderChanged(term), now: now)
                directives.append(.effect(.publishPlan(record)))
            } else {
                track.add(.leaderChanged(term), now: now)
                track.add(.noPlan, now: now)
            }
            tracks.append(track)
        }
        tracks.sort { $0.model.name < $1.model.name }
        known = []
    }

    private func holds(_ node: NodeID, _ plan: PlanID) -> Bool {
        let phase = boards.first { $0.node == node }?.held(plan)?.phase
        return phase == .committed || phase == .ready
    }

    func generations(of participants: [NodeID], _ world: World) -> [NodeID: UInt64] {
        var result: [NodeID: UInt64] = [:]
        for node in participants { result[node] = world.board(node)?.generation }
        return result
    }

    // MARK: Assignments

    private mutating func assign(_ world: World, now: Duration, _ directives: inout [Directive]) {
        let query = takeoverDeadline != nil
        for index in boards.indices {
            let wanted = query ? [] : wishes(for: boards[index].node, world)
            if boards[index].revision == 0
                || (!query && (boards[index].wanted != wanted || boards[index].revision == 1))
            {
                boards[index].wanted = wanted
                if !query { revision += 1 }
                boards[index].revision = revision
                boards[index].nextSend = now
            }
            guard now >= boards[index].nextSend else { continue }
            let period = boards[index].isSettled ? settings.heartbeatPeriod : settings.retransmitPeriod
            boards[index].nextSend = now + period
            var plans = boards[index].wanted
            // At most one record in a message, and only while the board does not know it.
            if let place = plans.firstIndex(where: { $0.phase == .prepare && boards[index].held($0.plan) == nil }) {
                plans[place].record = tracks.lazy.compactMap(\.proposal).first { $0.id == plans[place].plan }
            }
            directives.append(
                .assign(
                    Assignment(term: term, revision: boards[index].revision, query: query, plans: plans),
                    to: boards[index].node))
        }
    }

    private func wishes(for node: NodeID, _ world: World) -> [AssignedPlan] {
        var wishes: [AssignedPlan] = []
        for track in tracks {
            let name = track.model.name
            func wish(_ record: PlanRecord, _ phase: AssignedPhase) {
                guard record.participants.contains(node) else { return }
                wishes.append(AssignedPlan(model: name, plan: record.id, phase: phase))
            }
            func draining(_ record: PlanRecord) {
                wish(record, world.node(of: record.model.source) == node ? .drain : .commit)
            }
            if let inForce = track.inForce {
                if case .swapping = track.stage { draining(inForce) } else { wish(inForce, .commit) }
            }
            if let releasing = track.releasing { draining(releasing.record) }
            if case .preparing(let record, _) = track.stage { wish(record, .prepare) }
        }
        return wishes
    }

    // MARK: Saying

    mutating func event(
        _ kind: PlanEvent.Kind, _ track: ModelTrack, plan: PlanID?, _ reason: String, numbers: PlanNumbers? = nil,
        _ directives: inout [Directive]
    ) {
        eventSequence += 1
        directives.append(
            .effect(
                .publishEvent(
                    PlanEvent(
                        model: track.model.name, plan: plan, event: kind, reason: reason, term: term.number,
                        sequence: eventSequence, node: term.node, numbers: numbers))))
    }

    func reply(
        to request: ReplanRequest, model: String?, _ outcome: ReplanReply.Outcome, _ reason: String, _ plan: PlanID?,
        _ numbers: PlanNumbers?, _ directives: inout [Directive]
    ) {
        guard let client = request.client else { return }
        directives.append(
            .effect(
                .reply(
                    ReplanReply(
                        client: client, model: model, outcome: outcome, reason: reason, plan: plan, numbers: numbers))))
    }
}
