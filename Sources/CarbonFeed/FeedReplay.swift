import Cluster
import Costs

/// Plays recorded series as if they happened now, at any speed: a value that held for an hour in the data holds for an
/// hour divided by the speed, and so do the forecast, which is what the data say came next, and the validity.
public struct FeedReplay: FeedMachine {
    private struct Zone: Sendable {
        let series: CarbonSeries
        /// The data time of the value that was published last.
        var publishedS: Double?
        var published: ZoneCarbon?
        var saidHole = false
    }

    /// A value must hold at least so long in real time; brokers and boards are not flooded.
    public static let minimumStepS = 0.05
    public static let maximumSpeed = 1e6
    /// A value is stale this many times its own length after it began: the next one is due after one.
    public static let freshSteps = 2.0

    /// Just before an end, in seconds of the data.
    private static let instantS = 1e-3

    private let source: String
    private let settings: FeedSettings
    private let once: Bool
    private let startS: Double
    private let endS: Double
    private let speed: Double
    private var zones: [Zone]
    private var startedAt: Duration?
    private var lastNow: Duration = .zero
    private var isConnected: Bool
    private var isFinished = false

    /// - Parameters:
    ///   - series: one for each zone.
    ///   - startS: the instant of the data at which it begins, in seconds since 1970.
    ///   - lengthS: how much of the data is played, in seconds of the data; nil: to the end of the longest series.
    ///   - speed: seconds of the data in a second.
    ///   - once: only the values at the start.
    /// - Throws: ``FeedFault``: no data at the start, too fast, too many zones.
    public init(
        _ series: [CarbonSeries], source: String, startS: Double, lengthS: Double? = nil, speed: Double = 1,
        settings: FeedSettings = FeedSettings(), once: Bool = false, needsBroker: Bool = true
    ) throws(FeedFault) {
        guard !series.isEmpty, series.count <= FeedSettings.maximumZones else {
            throw FeedFault(
                .noData, "there are \(series.count) zones to play", "give 1 to \(FeedSettings.maximumZones)")
        }
        guard speed.isFinite, speed > 0, speed <= Self.maximumSpeed else {
            throw FeedFault(.unexpected, "the speed is \(speed)", "give one above 0, up to \(Int(Self.maximumSpeed))")
        }
        for one in series {
            if let gap = one.gap(at: startS) { throw FeedFault(.noData, gap.description, "or choose another --from") }
            guard one.resolutionS / speed >= Self.minimumStepS else {
                throw FeedFault(
                    .unexpected,
                    "at speed \(speed) a value of \(one.zone) would hold for \(one.resolutionS / speed) s",
                    "give at most --speed \(Int(one.resolutionS / Self.minimumStepS))")
            }
        }
        self.source = source
        self.settings = settings
        self.once = once
        self.startS = startS
        self.speed = speed
        let dataEndS = series.compactMap { $0.span?.upperBound }.max() ?? startS
        endS = lengthS.map { min(startS + $0, dataEndS) } ?? dataEndS
        zones = series.map { Zone(series: $0) }
        isConnected = !needsBroker
    }

    /// How long it plays in real time.
    public var durationS: Double { (endS - startS) / speed }

    public var nextWake: Duration? {
        guard let startedAt, !isFinished, isConnected else { return nil }
        let dataS = self.dataS(at: lastNow)
        let starts = zones.compactMap { zone in zone.series.points.first { $0.startS > dataS }?.startS }
        return startedAt + .seconds((min(starts.min() ?? endS, endS) - startS) / speed)
    }

    public mutating func handle(_ input: FeedInput, now: Duration, wallS: Double) -> [FeedEffect] {
        guard !isFinished else { return [] }
        lastNow = now
        var effects: [FeedEffect] = []
        switch input {
        case .start, .tick, .heard, .answered: break
        case .connected:
            isConnected = true
            for record in zones.compactMap(\.published) { effects.append(.publish(record)) }
        case .disconnected(let reason):
            if isConnected || once { effects.append(.say(FeedNotice(.warning, "no broker: \(reason)"))) }
            isConnected = false
            guard !once else { return effects + finish(.noBroker(reason: reason)) }
        }
        // The first value is not played before anybody can hear it.
        guard isConnected else { return effects }
        if startedAt == nil { startedAt = now }
        let dataS = self.dataS(at: now)
        guard dataS < endS else {
            // A machine that was busy past the end must not leave an earlier value behind.
            for index in zones.indices { play(index, dataS: endS - Self.instantS, wallS: wallS, &effects) }
            return effects + finish(.done)
        }
        for index in zones.indices { play(index, dataS: dataS, wallS: wallS, &effects) }
        if once { effects += finish(.done) }
        return effects
    }

    private mutating func finish(_ outcome: FeedOutcome) -> [FeedEffect] {
        isFinished = true
        return [.finish(outcome)]
    }

    /// The instant of the data; rounded to a microsecond, so that a step's own start is reached.
    private func dataS(at now: Duration) -> Double {
        let elapsedS = (now - (startedAt ?? now)).inSeconds
        return startS + (elapsedS * speed * 1e6).rounded() / 1e6
    }

    private mutating func play(_ index: Int, dataS: Double, wallS: Double, _ effects: inout [FeedEffect]) {
        let series = zones[index].series
        let point: CarbonPoint
        do {
            point = try series.point(at: dataS)
        } catch {
            if !zones[index].saidHole { effects.append(.say(FeedNotice(.warning, zone: series.zone, "\(error)"))) }
            zones[index].saidHole = true
            return
        }
        zones[index].saidHole = false
        guard zones[index].publishedS != point.startS else { return }
        zones[index].publishedS = point.startS
        do {
            let record = try record(
                series, point, isFirst: zones[index].published == nil, dataS: dataS, wallS: wallS)
            zones[index].published = record
            effects.append(
                .say(
                    FeedNotice(
                        .info, zone: series.zone,
                        "\(UTCTime.string(secondsSince1970: point.startS).prefix(16)): "
                            + FeedSchedule.summary(record))))
            effects.append(.publish(record))
        } catch {
            effects.append(.say(FeedNotice(.warning, zone: series.zone, error.description)))
        }
    }

    /// The record as it would be published at that instant of the data, with all its times moved to now.
    private func record(
        _ series: CarbonSeries, _ point: CarbonPoint, isFirst: Bool, dataS: Double, wallS: Double
    ) throws(FeedFault) -> ZoneCarbon {
        var record = try FeedRecord.make(
            series, source: source, wallS: dataS,
            freshUntilS: point.startS + series.resolutionS * Self.freshSteps,
            settings: settings)
        func moved(_ text: String) -> String {
            let timeS = UTCTime.secondsSince1970(text) ?? dataS
            return UTCTime.string(secondsSince1970: wallS + (timeS - dataS) / speed)
        }
        // What was played before must not look newer: a value that was entered in its middle begins now.
        record.at = isFirst ? UTCTime.string(secondsSince1970: wallS) : moved(record.at)
        record.freshUntil = record.freshUntil.map(moved)
        record.validUntil = moved(record.validUntil)
        record.forecast = record.forecast.map { points in
            points.map { CarbonForecast(at: moved($0.at), intensityGPerKwh: $0.intensityGPerKwh) }
        }
        return record
    }
}
