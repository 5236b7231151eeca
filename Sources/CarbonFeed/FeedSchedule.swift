import Cluster
import Costs

/// When a source is polled for each zone, what of its answers is published, and what is said about it.
///
/// One question is under way at a time. A fault is said once and its end is said once, however often it is met.
public struct FeedSchedule: FeedMachine {
    private struct Zone: Sendable {
        let name: String
        var dueAt: Duration
        /// Polls that failed since the last good one.
        var failures = 0
        /// Kinds of faults said since the last good poll; of notes, since the last without one.
        var saidFaults: Set<FeedFault.Kind> = []
        var saidNotes: Set<FeedFault.Kind> = []
        /// What was published last, by us or by a feed before us.
        var published: ZoneCarbon?
        /// Its time, in seconds since 1970.
        var publishedS: Double?
        /// When what we published becomes stale and unknown to boards.
        var staleAt: Duration?
        var unknownAt: Duration?
        /// Published, but not handed to the broker yet.
        var isWaiting = false
        var saidOther = false
        var isDone = false
    }

    private let source: String
    private let settings: FeedSettings
    /// Each zone is asked once, then all is done.
    private let once: Bool
    private var generator: SeededGenerator
    private var zones: [Zone]
    private var asking: String?
    private var isConnected: Bool
    private var isStarted = false
    private var isFinished = false

    /// - Parameters:
    ///   - source: who says so, as records and lines name it.
    ///   - zones: each once; at most ``FeedSettings/maximumZones``.
    ///   - needsBroker: false where records are only shown.
    public init(
        source: String, zones: [String], settings: FeedSettings = FeedSettings(), once: Bool = false,
        needsBroker: Bool = true, generator: SeededGenerator
    ) {
        precondition(zones.count <= FeedSettings.maximumZones, "too many zones")
        self.source = source
        self.settings = settings
        self.once = once
        self.generator = generator
        self.zones = zones.map { Zone(name: $0, dueAt: .zero) }
        isConnected = !needsBroker
    }

    public var nextWake: Duration? {
        guard isStarted, !isFinished else { return nil }
        let polls = asking == nil ? zones.filter { !$0.isDone }.map(\.dueAt).min() : nil
        let lapses = zones.flatMap { [$0.staleAt, $0.unknownAt] }.compactMap(\.self).min()
        return [polls, lapses].compactMap(\.self).min()
    }

    public mutating func handle(_ input: FeedInput, now: Duration, wallS: Double) -> [FeedEffect] {
        guard !isFinished else { return [] }
        var effects: [FeedEffect] = []
        switch input {
        case .start:
            isStarted = true
            for index in zones.indices { zones[index].dueAt = now }
        case .tick: break
        case .answered(let zone, let result):
            asking = nil
            if let index = zones.firstIndex(where: { $0.name == zone }) {
                take(result, index, now: now, wallS: wallS, &effects)
            }
        case .connected: connected(&effects)
        case .disconnected(let reason):
            if isConnected || once { effects.append(.say(FeedNotice(.warning, "no broker: \(reason)"))) }
            isConnected = false
            if once {
                isFinished = true
                effects.append(.finish(.noBroker(reason: reason)))
                return effects
            }
        case .heard(let record): heard(record, wallS: wallS, &effects)
        }
        lapse(now: now, &effects)
        if isStarted, asking == nil,
            let next = zones.indices.filter({ !zones[$0].isDone && zones[$0].dueAt <= now })
                .min(by: { zones[$0].dueAt < zones[$1].dueAt })
        {
            asking = zones[next].name
            effects.append(.ask(zone: zones[next].name))
        }
        if once, zones.allSatisfy({ $0.isDone && !$0.isWaiting }) {
            isFinished = true
            effects.append(.finish(zones.allSatisfy { $0.failures == 0 } ? .done : .incomplete))
        }
        return effects
    }

    // MARK: Answers

    private mutating func take(
        _ result: Result<FeedReading, FeedFault>, _ index: Int, now: Duration, wallS: Double,
        _ effects: inout [FeedEffect]
    ) {
        if once { zones[index].isDone = true }
        let zone = zones[index]
        do throws(FeedFault) {
            let reading = try result.get()
            let record = try FeedRecord.make(
                reading.series, source: source, wallS: wallS,
                freshUntilS: wallS + settings.periodS * settings.freshPeriods, publishedS: zone.publishedS,
                settings: settings)
            recovered(index, note: reading.note, &effects)
            publish(record, index, now: now, wallS: wallS, &effects)
            zones[index].dueAt = now + .seconds(settings.periodS * (1 - settings.jitter * random()))
        } catch {
            guard error.kind != .stopped else { return }
            failed(error, index, now: now, &effects)
        }
    }

    private mutating func failed(_ fault: FeedFault, _ index: Int, now: Duration, _ effects: inout [FeedEffect]) {
        zones[index].failures += 1
        let waitS = wait(after: fault, failures: zones[index].failures)
        zones[index].dueAt = now + .seconds(waitS)
        guard zones[index].saidFaults.insert(fault.kind).inserted else { return }
        let next = once ? "" : "; asked again in \(Self.text(seconds: waitS)), and again until it is well"
        effects.append(.say(FeedNotice(.warning, zone: zones[index].name, fault.description + next)))
    }

    /// Doubled with each failure, in its upper half at random; never sooner than the source asked for, nor sooner than
    /// usual where only a person helps.
    private mutating func wait(after fault: FeedFault, failures: Int) -> Double {
        var bound = settings.backoffS.lowerBound
        for _ in 1..<max(1, min(failures, 32)) { bound = min(bound * 2, settings.backoffS.upperBound) }
        var waitS = bound * (0.5 + 0.5 * random())
        if fault.needsPerson { waitS = max(waitS, settings.periodS) }
        if let retryAfterS = fault.retryAfterS { waitS = max(waitS, min(retryAfterS, settings.maximumRetryAfterS)) }
        return waitS
    }

    private mutating func recovered(_ index: Int, note: FeedFault?, _ effects: inout [FeedEffect]) {
        let zone = zones[index]
        if zone.failures > 0 {
            let polls = zone.failures == 1 ? "one poll that failed" : "\(zone.failures) polls that failed"
            effects.append(.say(FeedNotice(.info, zone: zone.name, "well again after \(polls)")))
        }
        zones[index].failures = 0
        zones[index].saidFaults = []
        guard let note else {
            if !zone.saidNotes.isEmpty {
                effects.append(.say(FeedNotice(.info, zone: zone.name, "complete again, with its forecast")))
            }
            zones[index].saidNotes = []
            return
        }
        if zones[index].saidNotes.insert(note.kind).inserted {
            effects.append(.say(FeedNotice(.warning, zone: zone.name, note.description)))
        }
    }

    private mutating func publish(
        _ record: ZoneCarbon, _ index: Int, now: Duration, wallS: Double, _ effects: inout [FeedEffect]
    ) {
        let before = zones[index].published
        zones[index].published = record
        zones[index].publishedS = UTCTime.secondsSince1970(record.at)
        func local(_ text: String?) -> Duration? {
            text.flatMap { UTCTime.secondsSince1970($0) }.map { now + .seconds($0 - wallS) }
        }
        zones[index].staleAt = local(record.freshUntil)
        zones[index].unknownAt = local(record.validUntil)
        // An hourly value is published again with each poll, but it is news only once.
        if before?.at != record.at || before?.intensityGPerKwh != record.intensityGPerKwh
            || before?.source != record.source
        {
            effects.append(.say(FeedNotice(.info, zone: record.zone, Self.summary(record))))
        }
        zones[index].isWaiting = !isConnected
        if isConnected { effects.append(.publish(record)) }
    }

    // MARK: Broker

    private mutating func connected(_ effects: inout [FeedEffect]) {
        isConnected = true
        for index in zones.indices {
            zones[index].isWaiting = false
            // Only what we published: what a feed before us did is not ours to repeat.
            if zones[index].unknownAt != nil, let record = zones[index].published { effects.append(.publish(record)) }
        }
    }

    private mutating func heard(_ record: ZoneCarbon, wallS: Double, _ effects: inout [FeedEffect]) {
        guard let index = zones.firstIndex(where: { $0.name == record.zone }), record.fault == nil,
            let atS = UTCTime.secondsSince1970(record.at), atS <= wallS + settings.futureToleranceS
        else { return }
        if record.source != source, zones[index].unknownAt != nil, !zones[index].saidOther {
            zones[index].saidOther = true
            effects.append(
                .say(
                    FeedNotice(
                        .warning, zone: record.zone,
                        "\(record.source.prefix(64)) publishes this zone too; stop one of the two feeds")))
        }
        guard atS > zones[index].publishedS ?? -.infinity, record.source == source || zones[index].unknownAt == nil
        else { return }
        zones[index].publishedS = atS
    }

    // MARK: Staleness

    private mutating func lapse(now: Duration, _ effects: inout [FeedEffect]) {
        for index in zones.indices {
            let zone = zones[index]
            if let unknownAt = zone.unknownAt, now >= unknownAt {
                zones[index].staleAt = nil
                zones[index].unknownAt = nil
                effects.append(
                    .say(FeedNotice(.warning, zone: zone.name, "boards know nothing of it any more: it expired")))
            } else if let staleAt = zone.staleAt, now >= staleAt {
                zones[index].staleAt = nil
                effects.append(
                    .say(
                        FeedNotice(
                            .warning, zone: zone.name,
                            "stale: boards go by the value of \(zone.published?.at ?? "before") until "
                                + (zone.published?.validUntil ?? "it expires"))))
            }
        }
    }

    // MARK: Text

    static func summary(_ record: ZoneCarbon) -> String {
        let later =
            record.forecast.map { forecast in
                let values = forecast.map(\.intensityGPerKwh)
                let range = "\(Self.grams(values.min() ?? 0)) to \(Self.grams(values.max() ?? 0))"
                return ", then \(range) in \(forecast.count) "
                    + (forecast.count == 1 ? "step" : "steps")
            } ?? ", no forecast"
        return "\(Self.grams(record.intensityGPerKwh)) g/kWh (\(record.factor)) from \(record.at)\(later); valid until "
            + record.validUntil
    }

    /// One digit after the point, none where it is zero.
    static func grams(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        return tenths.remainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }

    static func text(seconds: Double) -> String {
        seconds < 120 ? "\(Int(seconds.rounded(.up))) s" : "\(Int((seconds / 60).rounded(.up))) min"
    }

    private mutating func random() -> Double { Double.random(in: 0..<1, using: &generator) }
}
