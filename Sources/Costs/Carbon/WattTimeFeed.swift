/// Answers of WattTime's API, version 3: `GET /v3/forecast` and `GET /v3/historical`.
///
/// `co2_moer` is marginal, `co2_aoer` average; both count the emissions of operation. Other signals are refused.
public struct WattTimeFeed: Sendable, Equatable, Decodable {
    public struct Point: Sendable, Equatable, Decodable {
        public var pointTime: String
        /// In the units of `meta`; nil where the feed does not know it.
        public var value: Double?

        enum CodingKeys: String, CodingKey {
            case pointTime = "point_time"
            case value
        }
    }

    public struct Meta: Sendable, Equatable, Decodable {
        public var region: String
        public var units: String
        public var signalType: String
        /// 300 where it is not told.
        public var dataPointPeriodSeconds: Double?

        enum CodingKeys: String, CodingKey {
            case region, units
            case signalType = "signal_type"
            case dataPointPeriodSeconds = "data_point_period_seconds"
        }
    }

    public var data: [Point]
    public var meta: Meta

    /// - Parameter isForecast: does the answer tell the future? Its points then count as estimated.
    public func series(isForecast: Bool) throws(DataFault) -> CarbonSeries {
        let place = "the WattTime feed of \(meta.region)"
        guard meta.units == "lbs_co2_per_mwh" else {
            throw DataFault("\(place) is in '\(meta.units)'", "ask for a signal in lbs_co2_per_mwh")
        }
        let kind: EmissionFactor.Kind
        switch meta.signalType {
        case "co2_moer": kind = .marginal
        case "co2_aoer": kind = .average
        default:
            throw DataFault("\(place) is the signal '\(meta.signalType)'", "ask for co2_moer or co2_aoer")
        }
        var points: [CarbonPoint] = []
        for (index, point) in data.enumerated() {
            guard let value = point.value else {
                throw DataFault("\(place), data[\(index)]: value is missing", "ask again later; unknown is not zero")
            }
            guard let startS = UTCTime.secondsSince1970(feed: point.pointTime) else {
                throw DataFault(
                    "\(place), data[\(index)]: point_time is '\(point.pointTime)', which is no time in UTC",
                    "is this that feed?")
            }
            points.append(
                CarbonPoint(
                    startS: startS, intensityGPerKWh: CarbonUnits.gramsPerKWh(poundsPerMWh: value),
                    isEstimated: isForecast ? true : nil))
        }
        return try CarbonSeries(
            zone: meta.region, factor: EmissionFactor(.direct, kind),
            resolutionS: meta.dataPointPeriodSeconds ?? 300, points: points)
    }
}
