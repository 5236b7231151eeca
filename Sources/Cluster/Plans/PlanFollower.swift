import Costs

/// A board's side of plan agreement: carries out the assignments of the highest leadership and reports what it holds.
public struct PlanFollower: Sendable {
    struct Held: Sendable {
        var record: PlanRecord
        var phase: HeldPhase
        var reason: String?
        var memory: [DeviceMemory]?
    }

    public enum Directive: Sendable, Equatable {
        /// The fence's accepted plans changed: to be persisted before anything after this.
        case acceptedChanged
        case effect(ClusterEffect)
    }

    public private(set) var fence: ExecutorFence
    /// In the order in which they were assigned.
    private(set) var held: [Held] = []
    /// Of the last assignment carried out.
    private var last: (term: Term, revision: UInt64)?
    private var reportSequence: UInt64 = 0
    /// Why no plan can be promised (nil: plans can): the leader is told so at once, instead of nothing.
    var storageFault: String?
    /// Something changed that the leader should know.
    public private(set) var reportIsDue = false

    public init(accepted: [StoredState.AcceptedPlan]) {
        fence = ExecutorFence(accepted: accepted)
    }

    /// The plans that this board runs a part of, sorted by model.
    public var committed: [PlanRecord] {
        held.filter { $0.phase == .committed }.map(\.record).sorted { $0.model.name < $1.model.name }
    }

    /// Plans known in full, for a new leader to go on with.
    var records: [PlanRecord] { held.map(\.record) }

    /// The highest term number among the plans accepted.
    public var acceptedTermNumber: UInt64 { fence.accepted.map(\.plan.term).max() ?? 0 }

    /// The report to be sent now; nil before the first assignment of the leadership.
    public mutating func report(to term: Term) -> MemberReport? {
        reportIsDue = false
        guard let last, last.term == term else { return nil }
        reportSequence += 1
        return MemberReport(
            term: last.term, revision: last.revision, sequence: reportSequence,
            plans: held.map {
                HeldPlanReport(
                    model: $0.record.model.name, plan: $0.record.id, phase: $0.phase, reason: $0.reason,
                    memory: $0.memory)
            })
    }

    /// Carries out an assignment of the leadership in force. An older one than the last is dropped.
    public mutating func assigned(_ assignment: Assignment) -> [Directive] {
        if let last {
            if assignment.term < last.term { return [] }
            if assignment.term == last.term, assignment.revision < last.revision { return [] }
        }
        last = (assignment.term, assignment.revision)
        reportIsDue = true
        guard !assignment.query else { return [] }
        let plans = assignment.plans.prefix(ClusterLimits.entriesPerMessage)
        var directives: [Directive] = []
        // The new plan before the old one goes, so that the source's requests find it; room is made before loading.
        for wish in plans where wish.phase == .commit { commit(wish, &directives) }
        for wish in plans where wish.phase == .drain { drain(wish, &directives) }
        for entry in held where !plans.contains(where: { $0.plan == entry.record.id }) {
            abandon(entry, &directives)
        }
        held.removeAll { entry in !plans.contains { $0.plan == entry.record.id } }
        for wish in plans where wish.phase == .prepare { prepare(wish, &directives) }
        return directives
    }

    private mutating func commit(_ wish: AssignedPlan, _ directives: inout [Directive]) {
        guard let index = index(of: wish.plan) else { return }
        switch held[index].phase {
        case .ready, .draining, .drained:
            held[index].phase = .committed
            directives.append(.effect(.commit(wish.plan, model: held[index].record.model.name)))
        case .preparing, .committed, .refused, .lost: break
        }
    }

    private mutating func drain(_ wish: AssignedPlan, _ directives: inout [Directive]) {
        guard let index = index(of: wish.plan) else { return }
        switch held[index].phase {
        case .committed:
            held[index].phase = .draining
            directives.append(.effect(.drain(wish.plan, model: held[index].record.model.name)))
        case .ready, .preparing:
            // Never in force here: no request can be under way.
            held[index].phase = .drained
        case .draining, .drained, .refused, .lost: break
        }
    }

    private func abandon(_ entry: Held, _ directives: inout [Directive]) {
        switch entry.phase {
        case .preparing, .ready, .committed, .draining, .drained:
            directives.append(.effect(.abandon(entry.record.id, model: entry.record.model.name)))
        case .refused, .lost: break
        }
    }

    private mutating func prepare(_ wish: AssignedPlan, _ directives: inout [Directive]) {
        guard index(of: wish.plan) == nil, let record = wish.record, record.id == wish.plan else { return }
        guard held.count < ClusterLimits.heldPlans else {
            directives.append(
                .effect(
                    .warning("plan \(wish.plan) was dropped: this board holds \(ClusterLimits.heldPlans), the limit")))
            return
        }
        if let storageFault {
            held.append(Held(record: record, phase: .refused, reason: storageFault))
            return
        }
        switch fence.accept(record.id, model: record.model.name) {
        case .success(let changed):
            if changed { directives.append(.acceptedChanged) }
            held.append(Held(record: record, phase: .preparing))
            directives.append(.effect(.prepare(record)))
        case .failure(let refusal):
            held.append(Held(record: record, phase: .refused, reason: refusal.description))
            directives.append(.effect(.warning(refusal.description)))
        }
    }

    // MARK: From our own runner and ledger

    public mutating func prepared(_ plan: PlanID, memory: [DeviceMemory]) {
        guard let index = index(of: plan), held[index].phase == .preparing else { return }
        held[index].phase = .ready
        held[index].memory = memory
        reportIsDue = true
    }

    public mutating func refused(_ plan: PlanID, reason: String) {
        guard let index = index(of: plan), held[index].phase == .preparing else { return }
        held[index].phase = .refused
        held[index].reason = reason
        reportIsDue = true
    }

    public mutating func drained(_ plan: PlanID) {
        guard let index = index(of: plan), held[index].phase == .draining else { return }
        held[index].phase = .drained
        reportIsDue = true
    }

    /// The runner died, with all that it had loaded.
    public mutating func executorLost(reason: String) -> [Directive] {
        var directives: [Directive] = []
        for index in held.indices {
            abandon(held[index], &directives)
            guard held[index].phase != .refused, held[index].phase != .lost else { continue }
            held[index].phase = .lost
            held[index].reason = reason
            held[index].memory = nil
        }
        reportIsDue = true
        return directives
    }

    private func index(of plan: PlanID) -> Int? { held.firstIndex { $0.record.id == plan } }
}
