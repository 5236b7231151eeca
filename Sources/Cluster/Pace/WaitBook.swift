import Costs
import Glibc

/// Learns what messages of shared plans take, on the board where requests enter.
///
/// A plan says how many messages its latency waits for one after the other, and what each was taken to take. What a
/// request takes beyond the prediction is theirs: boards correct their computing themselves (``PaceBook``). Divided by
/// few messages, what else is beyond it (a pace, a link) looks like much: so a plan counts by the square of its
/// messages, as in a fit of least squares through nothing.
public struct WaitBook: Sendable {
    /// What is above is a mistake somewhere, not a message.
    public static let largestS = 1.0
    /// Weight of one report against all that was known before, of a plan with as many messages as any plan of late.
    public static let weightOfOneReport = 0.5
    /// With each report the most messages of late count for this part.
    static let mostRemembered = 0.99
    /// While no shared plan of the model is in force nothing shows what messages take: a figure that once was too high
    /// must not keep plans from sharing for ever. It is half of what it was after so long.
    public static let halfLife: Duration = .seconds(600)
    /// Requests of a plan before anything is learned of it: the first ones find everything cold.
    public static let leastRequests = 8
    /// A figure that differs by less than both from the one announced is not worth a message.
    public static let announcedChange = 0.1
    public static let announcedChangeS = 20e-6
    /// Models remembered; the ones of fewest requests go first.
    public static let maximumEntries = ClusterLimits.models

    /// What requests took under a shared plan.
    public struct Sample: Sendable, Equatable {
        public var model: String
        public var plan: PlanID
        /// Median of the latest requests.
        public var latencyS: Double
        public var predictedS: Double
        /// That the latency waits for, one after the other.
        public var messages: Double
        /// What the prediction took each of them to take.
        public var assumedS: Double
        /// Under this plan so far.
        public var totalRequests: Int

        public init(
            model: String, plan: PlanID, latencyS: Double, predictedS: Double, messages: Double, assumedS: Double,
            totalRequests: Int
        ) {
            self.model = model
            self.plan = plan
            self.latencyS = latencyS
            self.predictedS = predictedS
            self.messages = messages
            self.assumedS = assumedS
            self.totalRequests = totalRequests
        }
    }

    private struct Entry {
        var eachS: Double
        var requests = 0
        var plan: PlanID
        var requestsOfPlan = 0
        /// Most messages of a plan, of late.
        var messagesMost: Double
        var announced: WaitCost?
        /// Up to when the figure has faded, or was observed.
        var seenAt: Duration
    }

    private var entries: [String: Entry] = [:]

    public init() {}

    /// - Parameters:
    ///   - now: since any fixed origin.
    ///   - time: RFC 3339 UTC.
    /// - Returns: true where `announced` is another than before.
    public mutating func observe(_ sample: Sample, now: Duration = .zero, at time: String? = nil) -> Bool {
        let seenS = sample.assumedS + (sample.latencyS - sample.predictedS) / sample.messages
        guard sample.messages >= 1, seenS.isFinite, sample.totalRequests >= Self.leastRequests else { return false }
        let eachS = min(max(0, seenS), Self.largestS)
        if entries[sample.model] == nil { makeRoom() }
        var entry =
            entries[sample.model]
            ?? Entry(eachS: eachS, plan: sample.plan, messagesMost: sample.messages, seenAt: now)
        entry.seenAt = now
        if entry.plan != sample.plan {
            entry.plan = sample.plan
            entry.requestsOfPlan = 0
        }
        let fresh = sample.totalRequests - entry.requestsOfPlan
        guard fresh > 0 else { return false }
        entry.requestsOfPlan = sample.totalRequests
        entry.requests = min(entry.requests + fresh, 1 << 30)
        entry.messagesMost = max(sample.messages, entry.messagesMost * Self.mostRemembered)
        let part = sample.messages / entry.messagesMost
        let weight = part * part / (part * part + 1 / Self.weightOfOneReport - 1)
        entry.eachS += weight * (eachS - entry.eachS)
        return keep(entry, model: sample.model, at: time)
    }

    /// A plan is in force that shows what is learned, whether or not anybody asks it anything.
    public mutating func stays(model: String, now: Duration) { entries[model]?.seenAt = now }

    /// No shared plan of the model is in force.
    ///
    /// - Returns: true where `announced` is another than before.
    public mutating func fade(model: String, now: Duration, at time: String? = nil) -> Bool {
        guard var entry = entries[model], now > entry.seenAt else { return false }
        entry.eachS *= exp2(-((now - entry.seenAt).inSeconds / Self.halfLife.inSeconds))
        entry.seenAt = now
        return keep(entry, model: model, at: time)
    }

    private mutating func keep(_ entry: Entry, model: String, at time: String?) -> Bool {
        var entry = entry
        defer { entries[model] = entry }
        let before = entry.announced?.eachS ?? 0
        guard entry.requests >= Self.leastRequests,
            abs(entry.eachS - before) > max(Self.announcedChangeS, Self.announcedChange * before)
        else { return false }
        entry.announced = WaitCost(
            model: model, eachS: entry.eachS, requests: entry.requests, measuredAt: time)
        return true
    }

    /// What is known of a model says nothing any more: what it was compared with is another.
    public mutating func forget(model: String) { entries[model] = nil }

    /// Models that are gone need no place.
    public mutating func keep(models: Set<String>) { entries = entries.filter { models.contains($0.key) } }

    /// In the order of models.
    public var announced: [WaitCost] { entries.values.compactMap(\.announced).sorted { $0.model < $1.model } }

    private mutating func makeRoom() {
        guard entries.count >= Self.maximumEntries else { return }
        let poorest = entries.min { ($0.value.requests, $0.key) < ($1.value.requests, $1.key) }
        if let poorest { entries[poorest.key] = nil }
    }
}
