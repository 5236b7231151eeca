import Costs

/// Great Britain's service: `GET /intensity/{from}/fw48h`, half-hourly, without a token
/// (carbon-intensity.github.io/api-definitions).
public struct GreatBritainConversation: FeedConversation {
    public static let address = "https://api.carbonintensity.org.uk"
    /// The only zone there is; Electricity Maps calls it so too.
    public static let zone = "GB"

    private let base: FeedBase

    public init(base: FeedBase) { self.base = base }

    private var who: String { "Great Britain's service" }

    public mutating func begin(zone: String, secret: Secret?, wallS: Double) throws(FeedFault) -> FeedStep {
        guard zone == Self.zone else {
            throw FeedFault(.wrongZone, "\(who) knows nothing of zone \(zone)", "use --zone \(Self.zone)")
        }
        let halfHourS = (wallS / GreatBritainFeed.resolutionS).rounded(.down) * GreatBritainFeed.resolutionS
        // `2018-01-20T12:00Z`.
        let from = UTCTime.string(secondsSince1970: halfHourS).prefix(16) + "Z"
        return .ask(FeedRequest(url: FeedRequest.url(base, "/intensity/\(from)/fw48h")))
    }

    public mutating func take(
        _ answer: Result<FeedResponse, FeedFault>, wallS: Double
    ) throws(FeedFault) -> FeedStep {
        let feed = try FeedAnswer.decode(GreatBritainFeed.self, try answer.get(), from: who)
        for point in feed.data {
            try FeedAnswer.check(intensityGPerKWh: point.intensity.actual, from: who)
            try FeedAnswer.check(intensityGPerKWh: point.intensity.forecast, from: who)
        }
        return .done(FeedReading(series: try FeedAnswer.series { () throws(DataFault) in try feed.series() }))
    }
}
