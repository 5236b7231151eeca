/// Answers of Electricity Maps' API, version 3. Members that are not known are passed over.
public enum ElectricityMapsFeed {
    /// `GET /v3/carbon-intensity/latest?zone=`: one point.
    public struct Latest: Sendable, Equatable, Decodable {
        public var zone: String
        /// gCO₂eq/kWh; nil where the feed does not know it.
        public var carbonIntensity: Double?
        public var datetime: String
        /// `lifecycle` or `direct`.
        public var emissionFactorType: String?
        public var isEstimated: Bool?
        /// `hourly`, `15_minutes`, `5_minutes`; older answers are hourly and do not say so.
        public var temporalGranularity: String?

        /// - Parameter scope: what was asked for; an answer that says otherwise is refused.
        public func series(asked scope: EmissionFactor.Scope) throws(DataFault) -> CarbonSeries {
            try check(emissionFactorType, asked: scope, zone: zone)
            let point = try ElectricityMapsFeed.point(
                carbonIntensity, datetime, isEstimated: isEstimated, place: "\(feed) of \(zone)")
            return try CarbonSeries(
                zone: zone, factor: EmissionFactor(scope),
                resolutionS: try resolutionS(temporalGranularity, zone: zone), points: [point])
        }
    }

    /// `GET /v3/carbon-intensity/forecast?zone=`: all points count as estimated.
    public struct Forecast: Sendable, Equatable, Decodable {
        public struct Point: Sendable, Equatable, Decodable {
            public var carbonIntensity: Double?
            public var datetime: String
        }

        public var zone: String
        public var forecast: [Point]
        public var emissionFactorType: String?
        public var temporalGranularity: String?

        /// - Parameter scope: what was asked for; an answer that says otherwise is refused.
        public func series(asked scope: EmissionFactor.Scope) throws(DataFault) -> CarbonSeries {
            try check(emissionFactorType, asked: scope, zone: zone)
            var points: [CarbonPoint] = []
            for (index, point) in forecast.enumerated() {
                points.append(
                    try ElectricityMapsFeed.point(
                        point.carbonIntensity, point.datetime, isEstimated: true,
                        place: "\(feed) of \(zone), forecast[\(index)]"))
            }
            return try CarbonSeries(
                zone: zone, factor: EmissionFactor(scope),
                resolutionS: try resolutionS(temporalGranularity, zone: zone), points: points)
        }
    }

    private static let feed = "the Electricity Maps feed"

    private static func check(
        _ told: String?, asked: EmissionFactor.Scope, zone: String
    ) throws(DataFault) {
        guard let told, told != asked.rawValue else { return }
        throw DataFault(
            "\(feed) of \(zone) counts '\(told)' emissions, but \(asked.rawValue) ones were asked for",
            "ask it with emissionFactorType=\(asked.rawValue)")
    }

    private static func point(
        _ intensity: Double?, _ time: String, isEstimated: Bool?, place: String
    ) throws(DataFault) -> CarbonPoint {
        guard let intensity else {
            throw DataFault("\(place): carbonIntensity is missing", "ask again later; unknown is not zero")
        }
        guard let startS = UTCTime.secondsSince1970(feed: time) else {
            throw DataFault("\(place): datetime is '\(time)', which is no time in UTC", "is this that feed?")
        }
        return CarbonPoint(startS: startS, intensityGPerKWh: intensity, isEstimated: isEstimated)
    }

    private static func resolutionS(_ granularity: String?, zone: String) throws(DataFault) -> Double {
        switch granularity {
        case nil, "hourly": 3600
        case "15_minutes": 900
        case "5_minutes": 300
        case let other?:
            throw DataFault(
                "\(feed) of \(zone) has the granularity '\(other)'", "ask it for hourly, 15_minutes or 5_minutes")
        }
    }
}
