import Costs

/// What is known of a zone's electricity at one moment.
public struct ZoneIntensity: Hashable, Sendable {
    public var zone: String
    public var intensityGPerKwh: Double
    public var factor: EmissionFactor
    public var source: String
    /// Since the record's `at`.
    public var ageS: Double
    /// Its feed should have said more by now. The value still holds: it comes from a forecast, or is held.
    public var isStale: Bool

    public init(
        zone: String, intensityGPerKwh: Double, factor: EmissionFactor = EmissionFactor(.lifecycle),
        source: String, ageS: Double, isStale: Bool = false
    ) {
        self.zone = zone
        self.intensityGPerKwh = intensityGPerKwh
        self.factor = factor
        self.source = source
        self.ageS = ageS
        self.isStale = isStale
    }
}

/// The newest valid word on each grid zone.
///
/// Records carry the time of day; the book counts in the caller's `now`, and takes the difference of the two from the
/// moment at which a record is heard.
public struct CarbonBook: Sendable, Hashable {
    private struct Entry: Sendable, Hashable {
        var record: ZoneCarbon
        /// When each value begins to hold, in the caller's time; the first is the record's own.
        var values: [Value]
        /// From then on it is stale; nil where its feed never said.
        var fresh: Duration?
        var end: Duration
        var staleSaid = false
    }

    private struct Value: Sendable, Hashable {
        var start: Duration
        var intensityGPerKwh: Double
    }

    /// How far a record may lie in the future: clocks differ a little, and what comes later would shut out the present.
    public static let clockTolerance: Duration = .seconds(600)

    /// Sorted by zone.
    private var entries: [Entry] = []

    public init() {}

    /// Takes a record in.
    ///
    /// - Parameter wallS: the time of day, in seconds since 1970.
    /// - Returns: why the record was dropped, in one sentence; nil where it was taken, or is the one that is known.
    public mutating func heard(_ record: ZoneCarbon, wallS: Double, now: Duration) -> String? {
        func dropped(_ why: String) -> String { "carbon of zone \(record.zone) from \(record.source) dropped: \(why)" }
        if let fault = record.fault { return "carbon of a zone dropped: \(fault)" }
        guard let startS = UTCTime.secondsSince1970(record.at), let endS = UTCTime.secondsSince1970(record.validUntil)
        else { return dropped("a time cannot be read") }
        guard endS > wallS else { return dropped("it expired at \(record.validUntil)") }
        guard startS <= wallS + Self.clockTolerance.inSeconds else {
            return dropped("its time \(record.at) lies in the future; set the clocks")
        }
        func local(_ timeS: Double) -> Duration { now + .seconds(timeS - wallS) }
        let forecast = (record.forecast ?? []).compactMap { point in
            UTCTime.secondsSince1970(point.at).map {
                Value(start: local($0), intensityGPerKwh: point.intensityGPerKwh)
            }
        }
        let entry = Entry(
            record: record,
            values: [Value(start: local(startS), intensityGPerKwh: record.intensityGPerKwh)] + forecast,
            fresh: record.freshUntil.flatMap { UTCTime.secondsSince1970($0) }.map(local), end: local(endS))
        guard let index = entries.firstIndex(where: { $0.record.zone == record.zone }) else {
            if entries.count >= ClusterLimits.zones { _ = lapse(now: now) }
            guard entries.count < ClusterLimits.zones else {
                return dropped("\(ClusterLimits.zones) zones are known, the limit")
            }
            entries.insert(entry, at: entries.firstIndex { $0.record.zone > record.zone } ?? entries.count)
            return nil
        }
        let known = entries[index].record
        guard now < entries[index].end else {
            entries[index] = entry
            return nil
        }
        if let knownS = UTCTime.secondsSince1970(known.at), startS < knownS {
            return dropped("it is of \(record.at), older than what is known of \(known.at)")
        }
        // The same record again, as after a reconnection, moves nothing.
        if record != known { entries[index] = entry }
        return nil
    }

    /// The topic was emptied.
    public mutating func withdrawn(_ zone: String) { entries.removeAll { $0.record.zone == zone } }

    /// Forgets what is not valid any more.
    ///
    /// - Returns: a sentence for each zone whose value has just become stale or unknown; each is said once.
    public mutating func lapse(now: Duration) -> [String] {
        var sentences: [String] = []
        for index in entries.indices {
            let entry = entries[index]
            func say(_ what: String) {
                sentences.append(
                    "carbon of zone \(entry.record.zone) is \(what): \(entry.record.source) has said nothing new since "
                        + "its value of \(entry.record.at)")
            }
            if now >= entry.end {
                say("unknown")
            } else if let fresh = entry.fresh, now >= fresh, !entry.staleSaid {
                entries[index].staleSaid = true
                say("stale, and unknown from \(entry.record.validUntil) on")
            }
        }
        entries.removeAll { now >= $0.end }
        return sentences
    }

    /// What the zone's electricity emits now; nil where that is unknown.
    public func intensity(of zone: String, now: Duration) -> ZoneIntensity? {
        entries.first { $0.record.zone == zone }.flatMap { Self.current($0, now: now) }
    }

    /// The same of all zones, sorted by zone.
    public func intensities(now: Duration) -> [ZoneIntensity] { entries.compactMap { Self.current($0, now: now) } }

    /// Until when the zone's record holds.
    public func validUntil(_ zone: String) -> String? { entries.first { $0.record.zone == zone }?.record.validUntil }

    /// When a value changes or expires next by itself.
    public func nextChange(now: Duration) -> Duration? {
        entries.flatMap { entry in entry.values.map(\.start) + [entry.fresh, entry.end].compactMap(\.self) }.filter {
            $0 > now
        }.min()
    }

    private static func current(_ entry: Entry, now: Duration) -> ZoneIntensity? {
        guard now < entry.end, let first = entry.values.first else { return nil }
        // A record from a clock that is a little ahead holds at once.
        let value = entry.values.last { $0.start <= now } ?? first
        return ZoneIntensity(
            zone: entry.record.zone, intensityGPerKwh: value.intensityGPerKwh, factor: entry.record.factor,
            source: entry.record.source, ageS: max(0, (now - first.start).inSeconds),
            isStale: entry.fresh.map { now >= $0 } ?? false)
    }
}
