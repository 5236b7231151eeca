/// A stretch of time, period by period, with the carbon intensity of several zones in each.
public struct CarbonWindow: Sendable, Sequence {
    /// Ten years at five minutes.
    public static let maximumPeriods = 1_100_000
    /// Far above what a double tells apart in seconds since 1970.
    public static let minimumPeriodS = 0.001

    /// What is known of the zones in one period.
    public struct Period: Sendable, Equatable {
        /// Seconds since 1970, UTC.
        public var timeS: Range<Double>
        /// In the order of the window's zones: the mean intensity, or why it is unknown.
        public var readings: [Result<CarbonPoint, CarbonGap>]

        /// Every zone's intensity in g/kWh, in the window's order; nil where any is unknown.
        public var intensitiesGPerKWh: [Double]? {
            let known = readings.compactMap { try? $0.get().intensityGPerKWh }
            return known.count == readings.count ? known : nil
        }

        /// Why zones are unknown; empty where all are known.
        public var gaps: [CarbonGap] {
            readings.compactMap { if case .failure(let gap) = $0 { gap } else { nil } }
        }
    }

    public let series: [CarbonSeries]
    /// Seconds since 1970, UTC.
    public let timeS: Range<Double>
    public let periodS: Double
    /// How many periods the window has.
    public let count: Int

    /// - Parameters:
    ///   - periodS: the length of a period; the last one is shorter where the window is no multiple of it.
    /// - Throws: ``DataFault`` where zones are counted differently or stand twice, and for an impossible window.
    public init(
        _ series: [CarbonSeries], from startS: Double, to endS: Double, periodS: Double = 3600
    ) throws(DataFault) {
        guard startS < endS, abs(startS) < 1e12, abs(endS) < 1e12 else {
            throw DataFault(
                "a carbon window goes from \(Self.time(startS)) to \(Self.time(endS))", "let it end after its start")
        }
        guard periodS.isFinite, periodS >= Self.minimumPeriodS else {
            throw DataFault("a carbon window's period is \(periodS) s", "give \(Self.minimumPeriodS) s or more")
        }
        guard (endS - startS) / periodS <= Double(Self.maximumPeriods) else {
            throw DataFault(
                "the carbon window from \(Self.time(startS)) to \(Self.time(endS)) has more than "
                    + "\(Self.maximumPeriods) periods", "make it shorter or its period longer")
        }
        guard let first = series.first else {
            throw DataFault("a carbon window has no zone", "give the carbon data of at least one")
        }
        for (index, other) in series.enumerated().dropFirst() {
            guard other.factor == first.factor else {
                throw DataFault(
                    "\(first.zone) counts \(first.factor) emissions and \(other.zone) \(other.factor) ones",
                    "compare zones by one kind of counting")
            }
            guard !series[..<index].contains(where: { $0.zone == other.zone }) else {
                throw DataFault("the zone \(other.zone) is given twice", "give each zone one series")
            }
        }
        self.series = series
        timeS = startS..<endS
        self.periodS = periodS
        let count = Int(((endS - startS) / periodS).rounded(.up))
        // A quotient rounded up by a hair would leave a last period without any time in it.
        self.count = startS + Double(count - 1) * periodS < endS ? count : count - 1
    }

    /// As people read it; seconds where they are of no year.
    private static func time(_ seconds: Double) -> String {
        abs(seconds) < 1e11 ? UTCTime.string(secondsSince1970: seconds) : "\(seconds) s since 1970"
    }

    public var zones: [String] { series.map(\.zone) }

    public func makeIterator() -> AnyIterator<Period> {
        var index = 0
        return AnyIterator {
            guard let period = period(index) else { return nil }
            index += 1
            return period
        }
    }

    /// The period of this index; nil outside the window.
    public func period(_ index: Int) -> Period? {
        guard index >= 0, index < count else { return nil }
        // Multiplied, not added up, so that no rounding error grows over a year.
        let startS = timeS.lowerBound + Double(index) * periodS
        let endS = index + 1 == count ? timeS.upperBound : timeS.lowerBound + Double(index + 1) * periodS
        return Period(
            timeS: startS..<endS,
            readings: series.map { series in
                Result { () throws(CarbonGap) in try series.mean(over: startS..<endS) }
            })
    }
}
