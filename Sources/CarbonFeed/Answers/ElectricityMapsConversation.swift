import Costs

/// Electricity Maps, version 3: `carbon-intensity/latest`, then `carbon-intensity/forecast`, both with the header
/// `auth-token` (portal.electricitymaps.com/docs, "Getting started" and "API reference").
///
/// The free plan has no forecast: where it is refused the zone's value is published without, and the forecast is asked
/// for again only after ``forecastRetryS``.
public struct ElectricityMapsConversation: FeedConversation {
    public static let address = "https://api.electricitymaps.com"
    /// After a refusal.
    public static let forecastRetryS = 21_600.0
    /// One of the horizons that the service offers: 6, 24, 48, 72.
    public static let horizonHours = 24

    private enum Stage: Sendable, Equatable {
        case idle, latest
        case forecast(CarbonSeries)
    }

    private let base: FeedBase
    private let scope: EmissionFactor.Scope
    private var stage = Stage.idle
    private var zone = ""
    private var secret: Secret?
    /// Until when the forecast of a zone is not asked for; at most as many as a feed has zones.
    private var refusedUntilS: [String: Double] = [:]

    public init(base: FeedBase, scope: EmissionFactor.Scope) {
        self.base = base
        self.scope = scope
    }

    private var who: String { "Electricity Maps" }

    public mutating func begin(zone: String, secret: Secret?, wallS: Double) throws(FeedFault) -> FeedStep {
        self.zone = zone
        self.secret = secret
        stage = .latest
        return .ask(
            try request(
                "latest",
                [
                    // Else an unknown zone is answered with the zone in which the caller seems to be.
                    ("shouldUseFallbackCallerLookup", "false")
                ]))
    }

    public mutating func take(
        _ answer: Result<FeedResponse, FeedFault>, wallS: Double
    ) throws(FeedFault) -> FeedStep {
        defer { if case .idle = stage { secret = nil } }
        switch stage {
        case .idle: throw FeedFault(.unexpected, "\(who) answered what nobody asked", "none needed")
        case .latest:
            stage = .idle
            let latest = try FeedAnswer.decode(ElectricityMapsFeed.Latest.self, try answer.get(), from: who)
            try FeedAnswer.check(zone: latest.zone, asked: zone, from: who)
            try check(counting: latest.emissionFactorType)
            try FeedAnswer.check(intensityGPerKWh: latest.carbonIntensity, from: who)
            let scope = scope
            let series = try FeedAnswer.series { () throws(DataFault) in try latest.series(asked: scope) }
            if let until = refusedUntilS[zone], wallS < until { return .done(FeedReading(series: series)) }
            let question = try request("forecast", [("horizonHours", "\(Self.horizonHours)")])
            stage = .forecast(series)
            return .ask(question)
        case .forecast(let latest):
            stage = .idle
            do {
                let series = try forecast(try answer.get(), latest)
                refusedUntilS[zone] = nil
                return .done(FeedReading(series: series))
            } catch {
                // What holds now is known all the same.
                if error.kind == .stopped { throw error }
                if error.needsPerson, refusedUntilS.count < FeedSettings.maximumZones || refusedUntilS[zone] != nil {
                    refusedUntilS[zone] = wallS + Self.forecastRetryS
                }
                let note =
                    error.kind == .refused
                    ? FeedFault(
                        .refused, "\(who) gives no forecast", "the free plan has none; the value of now is used")
                    : FeedFault(error.kind, "there is no forecast: \(error.problem)", error.advice)
                return .done(FeedReading(series: latest, note: note))
            }
        }
    }

    private func forecast(_ response: FeedResponse, _ latest: CarbonSeries) throws(FeedFault) -> CarbonSeries {
        let answer = try FeedAnswer.decode(ElectricityMapsFeed.Forecast.self, response, from: who)
        try FeedAnswer.check(zone: answer.zone, asked: zone, from: who)
        try check(counting: answer.emissionFactorType)
        guard scope == .lifecycle || answer.emissionFactorType != nil else {
            throw FeedFault(
                .wrongCounting, "\(who) does not say that its forecast counts direct emissions",
                "use --scope lifecycle for a forecast")
        }
        for point in answer.forecast { try FeedAnswer.check(intensityGPerKWh: point.carbonIntensity, from: who) }
        let scope = scope
        return try FeedAnswer.series { () throws(DataFault) in
            // What was measured replaces what was forecast for the same time.
            try answer.series(asked: scope).merging(latest)
        }
    }

    private func check(counting told: String?) throws(FeedFault) {
        guard let told, told != scope.rawValue else { return }
        throw FeedFault(
            .wrongCounting, "\(who) counts '\(told.prefix(32))' emissions, but \(scope.rawValue) ones were asked for",
            "use --scope \(told == "direct" ? "direct" : "lifecycle"), or another source")
    }

    private func request(_ what: String, _ more: [(name: String, value: String)]) throws(FeedFault) -> FeedRequest {
        guard let secret else {
            throw FeedFault(.secret, "\(who) needs a token", "name its file with --token-file")
        }
        return FeedRequest(
            url: FeedRequest.url(
                base, "/v3/carbon-intensity/" + what,
                query: [("zone", zone), ("emissionFactorType", scope.rawValue)] + more),
            authorization: .header(name: "auth-token", prefix: "", secret))
    }
}
