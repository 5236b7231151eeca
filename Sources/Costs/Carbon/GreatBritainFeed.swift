/// Answers of Great Britain's carbon intensity API: `GET /intensity`, half-hourly, averages of direct emissions
/// (it counts "emissions related to electricity generation only").
public struct GreatBritainFeed: Sendable, Equatable, Decodable {
    public struct Intensity: Sendable, Equatable, Decodable {
        public var forecast: Double?
        /// Nil for the future.
        public var actual: Double?
    }

    public struct Point: Sendable, Equatable, Decodable {
        public var from: String
        public var to: String
        public var intensity: Intensity
    }

    /// Every period of this feed.
    public static let resolutionS = 1800.0

    public var data: [Point]

    /// The actual figure where there is one, else the forecast, which counts as estimated; with neither, a hole.
    public func series(zone: String = "GB") throws(DataFault) -> CarbonSeries {
        var points: [CarbonPoint] = []
        for (index, point) in data.enumerated() {
            let place = "the Great Britain feed, data[\(index)]"
            guard let fromS = UTCTime.secondsSince1970(feed: point.from),
                let toS = UTCTime.secondsSince1970(feed: point.to)
            else {
                throw DataFault(
                    "\(place) goes from '\(point.from)' to '\(point.to)', which are no times in UTC",
                    "is this that feed?")
            }
            guard toS - fromS == Self.resolutionS else {
                throw DataFault("\(place) is \(toS - fromS) s long", "the feed is half-hourly; is this that feed?")
            }
            guard let value = point.intensity.actual ?? point.intensity.forecast else { continue }
            points.append(
                CarbonPoint(startS: fromS, intensityGPerKWh: value, isEstimated: point.intensity.actual == nil))
        }
        return try CarbonSeries(
            zone: zone, factor: EmissionFactor(.direct), resolutionS: Self.resolutionS, points: points)
    }
}
