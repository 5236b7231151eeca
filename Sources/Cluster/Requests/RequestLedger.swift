import Costs

/// The source's book of requests of one model: each accepted request is answered exactly once, or fails by name.
///
/// A request is kept until its result is there. It runs under one plan at a time: when its plan is dropped it runs
/// again under the next one, and results of the plan before are not taken any more. Pure: inputs in, effects out.
public struct RequestLedger: Sendable {
    public struct Settings: Hashable, Sendable {
        /// Requests accepted and not yet answered; more are refused.
        public var openMaximum = 256 { didSet { precondition(openMaximum > 0) } }
        /// Requests under way at a time; the others wait in order.
        public var inFlightMaximum = 32 { didSet { precondition(inFlightMaximum > 0) } }
        /// Ids of settled requests that are remembered, so that a repeated one is not run again.
        public var rememberedMaximum = 4096 { didSet { precondition(rememberedMaximum > 0) } }
        public var attemptsMaximum = 16 { didSet { precondition(attemptsMaximum > 0) } }
        /// An attempt without a result is given up after this time, and another made.
        public var attemptTimeout: Duration = .seconds(5) { didSet { precondition(attemptTimeout > .zero) } }
        /// A failed attempt is repeated after this time, twice as long after each further one up to the maximum; a new
        /// plan ends the wait.
        public var retryDelay: Duration = .milliseconds(50) { didSet { precondition(retryDelay >= .zero) } }
        public var retryDelayMaximum: Duration = .seconds(1) { didSet { precondition(retryDelayMaximum >= .zero) } }
        /// How long the requests under way may go on under the old plan before they run again under the new one.
        public var drainPatience: Duration = .seconds(1) { didSet { precondition(drainPatience >= .zero) } }

        public init() {}
    }

    public enum Input: Hashable, Sendable {
        /// A client asks; the deadline is on the same clock as `now`.
        case accepted(RequestID, deadline: Duration)
        /// `ClusterEffect.commit` of a plan whose source is here. Under a plan whose memory is that of some inferences
        /// at a time no more are under way (nil: as many as the settings allow).
        case planCommitted(PlanID, atOnce: Int? = nil)
        /// `ClusterEffect.drain`.
        case planDraining(PlanID)
        /// `ClusterEffect.abandon`.
        case planLost(PlanID)
        case result(RequestID, plan: PlanID, attempt: Int)
        /// The attempt failed on its way (a device is gone, a tensor was refused); it is made again.
        case attemptFailed(RequestID, plan: PlanID, attempt: Int, reason: String)
        /// The request itself is at fault (wrong shape); it is not made again.
        case rejected(RequestID, reason: String)
        /// The client went away.
        case cancelled(RequestID)
        case tick
    }

    public enum Effect: Hashable, Sendable {
        /// The request is not taken; the client is told so.
        case refuse(RequestID, RequestRefusal)
        case dispatch(RequestID, plan: PlanID, attempt: Int)
        /// The result that came with this input is the answer.
        case answer(RequestID, plan: PlanID, attempt: Int)
        case fail(RequestID, RequestFailure)
        /// To `ClusterInput.drained`.
        case drained(PlanID)
    }

    private struct Entry: Sendable {
        var id: RequestID
        var deadline: Duration
        var attempts = 0
        /// The plan under which it is under way; nil while it waits.
        var plan: PlanID?
        var attemptDeadline: Duration = .zero
        var notBefore: Duration = .zero
        var lastReason = "no result came in time"
    }

    public let settings: Settings
    /// The plan under which requests are started; nil while they are held.
    public private(set) var plan: PlanID?
    /// Requests under way at a time under that plan.
    private var inFlightMaximum: Int
    /// Open requests in the order in which they were accepted.
    private var entries: [Entry] = []
    /// Plans that shall end, with the time at which their requests run again.
    private var draining: [(plan: PlanID, deadline: Duration, said: Bool)] = []
    private var settled: [RequestID: RequestRefusal] = [:]
    /// Ring of the ids in `settled`, in the order in which they were settled.
    private var settledOrder: [RequestID] = []
    private var settledNext = 0
    private var lastNow: Duration?

    public init(settings: Settings = Settings()) {
        self.settings = settings
        inFlightMaximum = settings.inFlightMaximum
    }

    public var openCount: Int { entries.count }
    public var inFlightCount: Int { entries.count { $0.plan != nil } }

    public mutating func handle(_ input: Input, now: Duration) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .accepted(let id, let deadline): accept(id, deadline, &effects)
        case .planCommitted(let plan, let atOnce): committed(plan, atOnce: atOnce, now: now)
        case .planDraining(let plan): drain(plan, now: now)
        case .planLost(let plan): lost(plan)
        case .result(let id, let plan, let attempt): result(id, plan, attempt, &effects)
        case .attemptFailed(let id, let plan, let attempt, let reason):
            if let index = index(of: id), entries[index].plan == plan, entries[index].attempts == attempt {
                entries[index].lastReason = reason
                again(index, now: now)
            }
        case .rejected(let id, let reason):
            if let index = index(of: id) { fail(index, .rejected(reason: reason), &effects) }
        case .cancelled(let id):
            if let index = index(of: id) { settle(index, .failed) }
        case .tick: break
        }
        advance(now: now, &effects)
        lastNow = now
        return effects
    }

    /// When `.tick` is wanted next; nil: not before another input.
    public var nextTick: Duration? {
        var next: Duration?
        func take(_ time: Duration) { next = min(next ?? time, time) }
        for entry in entries {
            take(entry.deadline)
            if entry.plan != nil {
                take(entry.attemptDeadline)
            } else if plan != nil, let lastNow, entry.notBefore > lastNow {
                take(entry.notBefore)
            }
        }
        for plan in draining where !plan.said { take(plan.deadline) }
        return next
    }

    private mutating func accept(_ id: RequestID, _ deadline: Duration, _ effects: inout [Effect]) {
        if index(of: id) != nil {
            effects.append(.refuse(id, .open))
        } else if let before = settled[id] {
            effects.append(.refuse(id, before))
        } else if entries.count >= settings.openMaximum {
            effects.append(.refuse(id, .full(limit: settings.openMaximum)))
        } else {
            entries.append(Entry(id: id, deadline: deadline))
        }
    }

    private mutating func committed(_ new: PlanID, atOnce: Int?, now: Duration) {
        if let plan, new < plan { return }
        if let old = plan, old != new { markDraining(old, now: now) }
        draining.removeAll { $0.plan == new }
        plan = new
        inFlightMaximum = min(settings.inFlightMaximum, max(1, atOnce ?? .max))
        for index in entries.indices where entries[index].plan == nil { entries[index].notBefore = now }
    }

    private mutating func drain(_ old: PlanID, now: Duration) {
        if plan == old { plan = nil }
        markDraining(old, now: now)
    }

    private mutating func markDraining(_ old: PlanID, now: Duration) {
        guard !draining.contains(where: { $0.plan == old }) else { return }
        draining.append((old, now + settings.drainPatience, false))
    }

    private mutating func lost(_ old: PlanID) {
        if plan == old { plan = nil }
        draining.removeAll { $0.plan == old }
        for index in entries.indices where entries[index].plan == old {
            entries[index].plan = nil
            entries[index].lastReason = "plan \(old) was dropped"
        }
    }

    private mutating func result(_ id: RequestID, _ plan: PlanID, _ attempt: Int, _ effects: inout [Effect]) {
        // Another attempt under the same plan gives the same answer; another plan's result is not taken.
        guard let index = index(of: id), entries[index].plan == plan, attempt <= entries[index].attempts else { return }
        settle(index, .answered)
        effects.append(.answer(id, plan: plan, attempt: attempt))
    }

    private mutating func fail(_ index: Int, _ failure: RequestFailure, _ effects: inout [Effect]) {
        let id = entries[index].id
        settle(index, .failed)
        effects.append(.fail(id, failure))
    }

    private mutating func settle(_ index: Int, _ outcome: RequestRefusal) {
        let id = entries.remove(at: index).id
        settled[id] = outcome
        if settledOrder.count < settings.rememberedMaximum {
            settledOrder.append(id)
            return
        }
        settled[settledOrder[settledNext]] = nil
        settledOrder[settledNext] = id
        settledNext = (settledNext + 1) % settings.rememberedMaximum
    }

    private mutating func again(_ index: Int, now: Duration) {
        entries[index].plan = nil
        let doublings = min(max(entries[index].attempts - 1, 0), 16)
        entries[index].notBefore = now + min(settings.retryDelay * (1 << doublings), settings.retryDelayMaximum)
    }

    private mutating func advance(now: Duration, _ effects: inout [Effect]) {
        expire(now: now, &effects)
        let inFlight = entries.compactMap(\.plan)
        for index in draining.indices where !draining[index].said && !inFlight.contains(draining[index].plan) {
            draining[index].said = true
            effects.append(.drained(draining[index].plan))
        }
        draining.removeAll { $0.said && $0.plan != plan }
        dispatch(now: now, &effects)
    }

    private mutating func expire(now: Duration, _ effects: inout [Effect]) {
        for drain in draining where now >= drain.deadline {
            for index in entries.indices where entries[index].plan == drain.plan {
                entries[index].plan = nil
                entries[index].lastReason = "plan \(drain.plan) was replaced"
            }
        }
        for index in entries.indices.reversed() {
            let entry = entries[index]
            if now >= entry.deadline {
                let failure: RequestFailure =
                    if let plan = entry.plan { .noResult(plan: plan, attempts: entry.attempts) } else {
                        .noPlan(attempts: entry.attempts)
                    }
                fail(index, failure, &effects)
            } else if entry.plan != nil, now >= entry.attemptDeadline {
                entries[index].lastReason = "no result came in time"
                again(index, now: now)
            }
        }
        for index in entries.indices.reversed()
        where entries[index].plan == nil && entries[index].attempts >= settings.attemptsMaximum {
            let reason = entries[index].lastReason
            fail(index, .tooManyAttempts(limit: settings.attemptsMaximum, lastReason: reason), &effects)
        }
    }

    /// Starts what waits, oldest first; not before the requests under the plan before are done or given up, so that no
    /// device goes back and forth between plans.
    private mutating func dispatch(now: Duration, _ effects: inout [Effect]) {
        guard let plan, !entries.contains(where: { $0.plan != nil && $0.plan != plan }) else { return }
        var inFlight = inFlightCount
        for index in entries.indices where entries[index].plan == nil {
            guard inFlight < inFlightMaximum else { return }
            guard now >= entries[index].notBefore else { continue }
            entries[index].plan = plan
            entries[index].attempts += 1
            entries[index].attemptDeadline = now + settings.attemptTimeout
            inFlight += 1
            effects.append(.dispatch(entries[index].id, plan: plan, attempt: entries[index].attempts))
        }
    }

    private func index(of id: RequestID) -> Int? { entries.firstIndex { $0.id == id } }
}
