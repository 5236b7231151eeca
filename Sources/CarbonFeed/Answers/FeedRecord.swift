import Cluster
import Costs

/// Turns a zone's series into the payload of `zone/<zone>/carbon`.
public enum FeedRecord {
    /// - Parameters:
    ///   - source: who says so, as boards and plans repeat it.
    ///   - wallS: the time of day in seconds since 1970.
    ///   - freshUntilS: when boards may call it stale.
    ///   - publishedS: from when the newest value is that was published; an older one is refused.
    /// - Throws: ``FeedFault``: no data, of the future, too late, older than what was published.
    public static func make(
        _ series: CarbonSeries, source: String, wallS: Double, freshUntilS: Double, publishedS: Double? = nil,
        settings: FeedSettings = FeedSettings()
    ) throws(FeedFault) -> ZoneCarbon {
        let index = try current(series, wallS: wallS, settings: settings)
        let now = series.points[index]
        if let publishedS, now.startS < publishedS {
            throw FeedFault(
                .older,
                "the newest value is of \(text(now.startS)), older than what was published of \(text(publishedS))",
                "does another feed publish this zone, or did the source go back?")
        }
        let run = following(series, index, untilS: wallS + settings.forecastS)
        let later = coarsened(run, limit: ClusterLimits.carbonForecastPoints)
        let endS = max((run.last ?? now).startS + series.resolutionS, now.startS + series.resolutionS + settings.holdS)
        let record = ZoneCarbon(
            zone: series.zone, intensityGPerKwh: now.intensityGPerKWh, emissionFactorType: series.factor.scope,
            kind: series.factor.kind, at: text(now.startS), freshUntil: text(min(freshUntilS, endS)),
            validUntil: text(endS),
            forecast: later.isEmpty
                ? nil : later.map { CarbonForecast(at: text($0.startS), intensityGPerKwh: $0.intensityGPerKWh) },
            source: source)
        if let fault = record.fault { throw FeedFault(.unexpected, fault, "is --url that of the source?") }
        return record
    }

    private static func text(_ seconds: Double) -> String { UTCTime.string(secondsSince1970: seconds) }

    /// The index of the value that holds now, or held last where the source is a little late, or holds soon where its
    /// clock is a little ahead.
    private static func current(
        _ series: CarbonSeries, wallS: Double, settings: FeedSettings
    ) throws(FeedFault) -> Int {
        guard let first = series.points.first else {
            throw FeedFault(.noData, "there is not one value", "ask again later; unknown is not zero")
        }
        guard let index = series.points.lastIndex(where: { $0.startS <= wallS }) else {
            let aheadS = first.startS - wallS
            guard aheadS <= settings.futureToleranceS else {
                throw FeedFault(
                    .future,
                    "the first value begins at \(text(first.startS)), \(Int(aheadS)) s after this machine's clock",
                    "is the clock of this machine right (timedatectl)?")
            }
            return 0
        }
        let ageS = wallS - (series.points[index].startS + series.resolutionS)
        guard ageS < settings.holdS || ageS < 0 else {
            throw FeedFault(
                .late,
                "the newest value that began is of \(text(series.points[index].startS)) and held for "
                    + "\(Int(series.resolutionS)) s",
                "the source is late; boards keep what was published while that is valid")
        }
        return index
    }

    /// The values after the current one, up to the first hole: each holds until the next, so none may be missing.
    private static func following(_ series: CarbonSeries, _ index: Int, untilS: Double) -> [CarbonPoint] {
        var run: [CarbonPoint] = []
        var endS = series.points[index].startS + series.resolutionS
        for point in series.points[(index + 1)...] {
            guard point.startS == endS, point.startS < untilS else { break }
            run.append(point)
            endS = point.startS + series.resolutionS
        }
        return run
    }

    /// At most `limit` values: means over so many equal periods each as are needed.
    static func coarsened(_ points: [CarbonPoint], limit: Int) -> [CarbonPoint] {
        guard points.count > limit else { return points }
        let size = (points.count + limit - 1) / limit
        return stride(from: 0, to: points.count, by: size).map { start in
            let group = points[start..<min(start + size, points.count)]
            var mean = group[start]
            mean.intensityGPerKWh = group.reduce(0) { $0 + $1.intensityGPerKWh } / Double(group.count)
            return mean
        }
    }
}
