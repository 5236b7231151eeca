import Costs

/// How far the leader is with one model.
struct ModelTrack: Sendable {
    enum Stage: Sendable {
        case idle
        /// A solve runs.
        case solving(SolveToken, deadline: Duration)
        /// The plan is found, but the boards cannot hold it beside the one in force: that one drains first.
        case swapping(PlanRecord, deadline: Duration)
        /// The participants load the plan.
        case preparing(PlanRecord, deadline: Duration)
    }

    /// An old plan whose last requests are awaited.
    struct Releasing: Sendable {
        var record: PlanRecord
        var deadline: Duration
    }

    struct Quarantine: Sendable {
        var node: NodeID
        var until: Duration
    }

    /// The record's holders may be out of date; nothing here depends on them.
    var model: ModelRecord
    var stage = Stage.idle
    var inForce: PlanRecord?
    /// The generation in which each participant took the plan in force; another one means that it has lost it.
    var generations: [NodeID: UInt64] = [:]
    /// The same for the plan that is proposed.
    var proposalGenerations: [NodeID: UInt64] = [:]
    var releasing: Releasing?
    /// Why a solve is wanted; empty: none is.
    var reasons: [ReplanReason] = []
    var reasonsSince: Duration = .zero
    /// Those who asked for the solve or the proposal that is under way.
    var waiting: [ReplanRequest] = []
    /// Why the last solve was started.
    var solveReasons: [ReplanReason] = []
    /// What somebody asked plans to be made for (nil: as configured).
    var asked: PlanGoal?
    /// The boards as they were at the last solve.
    var basis: [NodeCapabilities] = []
    /// The grids as they were at the last solve.
    var carbonBasis: [ZoneIntensity] = []
    var committedAt: Duration?
    var switches = SwitchHistory()
    var pause = SearchPause()
    /// Was it said that the reasons wait for `switches`?
    var isHeldBack = false
    var notBefore: Duration = .zero
    var failures = 0
    var quarantined: [Quarantine] = []
    var numbers: PlanNumbers?

    init(model: ModelRecord) { self.model = model }

    var proposal: PlanRecord? {
        switch stage {
        case .preparing(let record, _), .swapping(let record, _): record
        case .idle, .solving: nil
        }
    }

    /// The plans that boards hold memory for.
    var heldRecords: [PlanRecord] {
        var records: [PlanRecord] = []
        if let inForce { records.append(inForce) }
        if let releasing { records.append(releasing.record) }
        if let proposal { records.append(proposal) }
        return records
    }

    var requests: [ReplanRequest] {
        reasons.compactMap { reason in
            if case .requested(let request) = reason { return request }
            return nil
        }
    }

    /// Is a plan in force that nothing among these reasons can have made worse?
    func areOpportunities(_ reasons: [ReplanReason]) -> Bool {
        guard let inForce else { return false }
        return reasons.allSatisfy { $0.isOpportunity(beside: inForce.participants) }
    }

    mutating func add(_ reason: ReplanReason, now: Duration) {
        if let older = reasons.firstIndex(where: { reason.supersedes($0) }) {
            reasons[older] = reason
            return
        }
        guard reasons.count < ClusterLimits.replanReasonsPerModel else { return }
        if reasons.isEmpty { reasonsSince = now }
        reasons.append(reason)
    }

    static func sameModel(_ left: ModelRecord, _ right: ModelRecord) -> Bool {
        left.name == right.name && left.version == right.version && left.graphSHA256 == right.graphSHA256
            && left.source == right.source && left.destination == right.destination
    }
}
