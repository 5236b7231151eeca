/// Goes through a profile's plan: what to load, which clock to set, what to measure, what to keep. Does nothing itself.
///
/// A step at a clock that is not in force is not measured: it is tried once more at the end, when the board has
/// cooled, and then left out by name. A bundle that cannot be loaded is left out at all clocks.
public struct ProfileRun: Sendable {
    public enum Input: Sendable, Equatable {
        case loaded
        /// Why the bundle cannot run here, in one sentence.
        case cannotLoad(String)
        /// The clock asked for is in force, as read back.
        case clockIsSet
        /// It is not, or did not stay so; nothing that was measured meanwhile counts.
        case clockIsNotSet(String)
        /// The kernel refuses the clock; it will not be asked for again.
        case clockIsRefused(String)
        case measured(Measurement)
        case cannotMeasure(String)
        /// Somebody wants it to end.
        case stop
    }

    public struct Measurement: Sendable, Equatable {
        public var latencyS: Double
        public var spreadS: Double?
        public var samples: Int
        /// Nil: not measured.
        public var energyJ: Double?
        /// How it was measured, in words.
        public var method: String

        public init(latencyS: Double, spreadS: Double?, samples: Int, energyJ: Double? = nil, method: String) {
            self.latencyS = latencyS
            self.spreadS = spreadS
            self.samples = samples
            self.energyJ = energyJ
            self.method = method
        }
    }

    public enum Effect: Sendable, Equatable {
        /// Make the bundle ready, in place of the one before.
        case load(first: Int, last: Int)
        case setClock(Double)
        case measure(ProfilePlan.Step)
        /// Write it down at once: a run that is killed loses at most the bundle that it is at.
        case keep(ProfilePlan.Step, Measurement)
        case finish
    }

    /// What was not measured, and why.
    public struct Skipped: Sendable, Equatable {
        public var step: ProfilePlan.Step
        public var reason: String
    }

    public private(set) var skipped: [Skipped] = []
    public private(set) var measuredCount = 0
    public private(set) var progress: ProfileProgress
    /// Ended before everything was tried.
    public private(set) var isStopped = false

    private var pending: [ProfilePlan.Step]
    private var next = 0
    private var retries: [ProfilePlan.Step] = []
    private var isRetrying = false
    private var loaded: ClosedRange<Int>?
    private var clockHz: Double?
    private var refused: [Double: String] = [:]
    private var isFinished = false
    /// When the step at hand began.
    private var startedAt: Duration?

    /// - Parameter flop: operations of each layer, for the estimate of the time left.
    public init(_ plan: ProfilePlan, flop: [Double]) {
        pending = plan.steps
        progress = ProfileProgress(plan, flop: flop)
    }

    /// The step at hand; nil at the end.
    public var step: ProfilePlan.Step? { !isFinished && next < pending.count ? pending[next] : nil }

    /// What to do first.
    public mutating func start(now: Duration) -> [Effect] { proceed(now) }

    /// - Returns: what to do next; exactly one of `load`, `setClock`, `measure` and `finish`, at the end.
    public mutating func handle(_ input: Input, now: Duration) -> [Effect] {
        guard let step else { return [] }
        switch input {
        case .stop:
            isStopped = true
            isFinished = true
            return [.finish]
        case .loaded:
            loaded = step.first...step.last
        case .cannotLoad(let reason):
            skipBundle(step, reason)
        case .clockIsSet:
            clockHz = step.frequencyHz
            return [.measure(step)]
        case .clockIsNotSet(let reason):
            clockHz = nil
            if isRetrying {
                skip(step, reason)
            } else {
                retries.append(step)
            }
            startedAt = nil
            next += 1
        case .clockIsRefused(let reason):
            clockHz = nil
            if let frequencyHz = step.frequencyHz { refused[frequencyHz] = reason }
        case .measured(let measurement):
            measuredCount += 1
            let tookS = startedAt.map { (now - $0).inSeconds }
            progress.finish(step, tookS: tookS)
            startedAt = nil
            next += 1
            return [.keep(step, measurement)] + proceed(now)
        case .cannotMeasure(let reason):
            skipBundle(step, reason)
        }
        return proceed(now)
    }

    private mutating func proceed(_ now: Duration) -> [Effect] {
        while let step, let frequencyHz = step.frequencyHz, let reason = refused[frequencyHz] {
            skip(step, reason)
            next += 1
        }
        if next == pending.count, !retries.isEmpty {
            (pending, retries, next, isRetrying) = (retries, [], 0, true)
        }
        guard let step else {
            isFinished = true
            return [.finish]
        }
        startedAt = startedAt ?? now
        if loaded != step.first...step.last {
            loaded = nil
            return [.load(first: step.first, last: step.last)]
        }
        if let frequencyHz = step.frequencyHz, frequencyHz != clockHz { return [.setClock(frequencyHz)] }
        return [.measure(step)]
    }

    private mutating func skip(_ step: ProfilePlan.Step, _ reason: String) {
        skipped.append(Skipped(step: step, reason: reason))
        progress.finish(step, tookS: nil)
        startedAt = nil
    }

    /// Leaves out all that is planned of a bundle from here on, also what was put off.
    private mutating func skipBundle(_ step: ProfilePlan.Step, _ reason: String) {
        func isOfBundle(_ other: ProfilePlan.Step) -> Bool { other.first == step.first && other.last == step.last }
        for other in pending[next...] + retries where isOfBundle(other) { skip(other, reason) }
        pending = pending[..<next] + pending[next...].filter { !isOfBundle($0) }
        retries.removeAll(where: isOfBundle)
        loaded = nil
    }
}
