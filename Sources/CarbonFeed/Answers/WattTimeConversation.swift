import Costs

/// WattTime, version 3: `GET /login` with basic authentication gives a token for 30 minutes; `GET /v3/forecast` tells
/// now and the next day (docs.watttime.org; WattTime's own client logs in the same way).
///
/// `/v3/signal-index` is not used: it is a percentile among the region's last weeks, and no intensity.
public struct WattTimeConversation: FeedConversation {
    public enum Signal: String, Sendable, CaseIterable {
        /// Marginal emissions.
        case marginal = "co2_moer"
        /// Average emissions.
        case average = "co2_aoer"
    }

    public static let address = "https://api.watttime.org"
    /// A token lives 30 minutes; it is renewed a little earlier.
    public static let tokenLifeS = 1500.0

    private struct Login: Decodable { var token: String }

    private enum Stage: Sendable, Equatable {
        case idle, login
        /// - isFresh: was the token got for this very question?
        case forecast(isFresh: Bool)
    }

    private let base: FeedBase
    private let signal: Signal
    private var stage = Stage.idle
    private var zone = ""
    private var secret: Secret?
    private var token: (secret: Secret, endS: Double)?

    public init(base: FeedBase, signal: Signal) {
        self.base = base
        self.signal = signal
    }

    private var who: String { "WattTime" }

    public mutating func begin(zone: String, secret: Secret?, wallS: Double) throws(FeedFault) -> FeedStep {
        self.zone = zone
        // Another password may be for another account.
        if self.secret != secret { token = nil }
        self.secret = secret
        // A clock that was set back must not keep a token for ever.
        if let token, wallS < token.endS, token.endS - wallS <= Self.tokenLifeS {
            return forecast(token.secret, isFresh: false)
        }
        return try login()
    }

    public mutating func take(
        _ answer: Result<FeedResponse, FeedFault>, wallS: Double
    ) throws(FeedFault) -> FeedStep {
        let response = try answer.get()
        switch stage {
        case .idle: throw FeedFault(.unexpected, "\(who) answered what nobody asked", "none needed")
        case .login:
            stage = .idle
            let login = try FeedAnswer.decode(Login.self, response, from: "\(who)'s log-in")
            guard let secret = Secret(login.token) else {
                throw FeedFault(.unexpected, "\(who)'s log-in gave no usable token", "is --url that of the source?")
            }
            token = (secret, wallS + Self.tokenLifeS)
            return forecast(secret, isFresh: true)
        case .forecast(let isFresh):
            stage = .idle
            if response.status == 401, !isFresh {
                token = nil
                return try login()
            }
            return .done(FeedReading(series: try series(response)))
        }
    }

    private func series(_ response: FeedResponse) throws(FeedFault) -> CarbonSeries {
        if response.status == 403 {
            throw FeedFault(
                .refused, "\(who) refuses region \(zone) (HTTP 403)",
                "without a subscription only CAISO_NORTH may be asked for")
        }
        let feed = try FeedAnswer.decode(WattTimeFeed.self, response, from: who)
        try FeedAnswer.check(zone: feed.meta.region, asked: zone, from: who)
        guard feed.meta.units == "lbs_co2_per_mwh" else {
            throw FeedFault(
                .wrongUnit, "\(who) answered in '\(feed.meta.units.prefix(64))', not in pounds per MWh",
                "is --url that of the source?")
        }
        guard feed.meta.signalType == signal.rawValue else {
            throw FeedFault(
                .wrongCounting,
                "\(who) was asked for \(signal.rawValue) and answered with "
                    + "'\(feed.meta.signalType.prefix(64))'", "choose another --signal")
        }
        for point in feed.data {
            try FeedAnswer.check(
                intensityGPerKWh: point.value.map { CarbonUnits.gramsPerKWh(poundsPerMWh: $0) }, from: who)
        }
        return try FeedAnswer.series { () throws(DataFault) in try feed.series(isForecast: true) }
    }

    private mutating func login() throws(FeedFault) -> FeedStep {
        guard let parts = secret?.split() else {
            throw FeedFault(
                .secret, "\(who) needs a user name and a password",
                "write them as user:password, in one line, into the file of --token-file")
        }
        stage = .login
        return .ask(
            FeedRequest(
                url: FeedRequest.url(base, "/login"),
                authorization: .basic(user: parts.user, password: parts.password)))
    }

    private mutating func forecast(_ token: Secret, isFresh: Bool) -> FeedStep {
        stage = .forecast(isFresh: isFresh)
        return .ask(
            FeedRequest(
                url: FeedRequest.url(
                    base, "/v3/forecast", query: [("region", zone), ("signal_type", signal.rawValue)]),
                authorization: .header(name: "Authorization", prefix: "Bearer ", token)))
    }
}
