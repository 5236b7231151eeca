import CarbonFeed
import Costs
import Testing

private let wallS = noonS + 600

private func base() throws -> FeedBase { try FeedBase("https://source.example") }

/// Runs a poll against answers in order; the requests and what came of it.
private func poll(
    _ conversation: inout some FeedConversation, zone: String, secret: String? = "t0ken", _ answers: [FeedResponse]
) throws -> (urls: [String], reading: Result<FeedReading, FeedFault>) {
    var urls: [String] = []
    var answers = answers[...]
    do {
        var step = try conversation.begin(zone: zone, secret: secret.flatMap { Secret($0) }, wallS: wallS)
        while case .ask(let request) = step {
            urls.append(request.url)
            let next = answers.popFirst()
            let answer = try #require(next, "asked more than expected: \(request.url)")
            step = try conversation.take(.success(answer), wallS: wallS)
        }
        guard case .done(let reading) = step else { return (urls, .failure(FeedFault(.unexpected, "", ""))) }
        #expect(answers.isEmpty)
        return (urls, .success(reading))
    } catch let error as FeedFault {
        return (urls, .failure(error))
    }
}

@Suite struct ElectricityMapsConversationTests {
    private func electricityMaps(_ scope: EmissionFactor.Scope = .lifecycle) throws -> ElectricityMapsConversation {
        ElectricityMapsConversation(base: try base(), scope: scope)
    }

    @Test func nowAndTheForecastAreJoined() throws {
        var conversation = try electricityMaps()
        let (urls, reading) = try poll(
            &conversation, zone: "DE",
            [Answers.ok(Answers.latest()), Answers.ok(Answers.forecast([999, 250, 200]))])
        #expect(
            urls == [
                "https://source.example/v3/carbon-intensity/latest?zone=DE&emissionFactorType=lifecycle"
                    + "&shouldUseFallbackCallerLookup=false",
                "https://source.example/v3/carbon-intensity/forecast?zone=DE&emissionFactorType=lifecycle"
                    + "&horizonHours=24",
            ])
        // The hour that was measured replaces its forecast.
        #expect(try reading.get().series.points.map(\.intensityGPerKWh) == [302, 250, 200])
        #expect(try reading.get().note == nil)
    }

    @Test func aPlanWithoutForecastIsNotAskedForItEachTime() throws {
        var conversation = try electricityMaps()
        let first = try poll(&conversation, zone: "DE", [Answers.ok(Answers.latest()), Answers.status(403)])
        #expect(try first.reading.get().series.points.map(\.intensityGPerKWh) == [302])
        #expect(
            try first.reading.get().note?.description
                == "Electricity Maps gives no forecast; the free plan has none; the value of now is used")
        let second = try poll(&conversation, zone: "DE", [Answers.ok(Answers.latest())])
        #expect(second.urls.count == 1)
        #expect(try second.reading.get().note == nil)
    }

    @Test(
        "What is no good answer is named",
        arguments: [
            (Answers.ok(""), FeedFault.Kind.empty, "sent an empty answer"),
            (Answers.ok(" \r\n\t "), .empty, "sent an empty answer"),
            (Answers.ok("<!DOCTYPE html><p>Log in"), .webPage, "sent a web page instead of data; does this network"),
            (Answers.ok("Log in", type: "text/html; charset=utf-8"), .webPage, "sent a web page"),
            (Answers.ok("{\"zone\": "), .notJSON, "sent no JSON: line 1"),
            (Answers.ok("{\"zone\": \"DE\"}"), .unexpected, "sent something else: datetime"),
            (Answers.ok(Answers.latest(zone: "FR")), .wrongZone, "asked for zone DE and answered for 'FR'"),
            (Answers.ok(Answers.latest(counted: "direct")), .wrongCounting, "counts 'direct' emissions"),
            (Answers.ok(Answers.latest("-1")), .outOfRange, "says -1.0 g/kWh"),
            (Answers.ok(Answers.latest("302000")), .outOfRange, "says 302000.0 g/kWh"),
            (Answers.ok(Answers.latest("null")), .unexpected, "unknown is not zero"),
            (Answers.ok(Answers.latest(at: "noon")), .unexpected, "which is no time in UTC"),
            (Answers.status(401), .refused, "refuses us (HTTP 401); is the token in --token-file right"),
            (Answers.status(429, retryAfterS: 77), .rateLimited, "is asked too often (HTTP 429); raise --every"),
            (Answers.status(302), .redirected, "sends us to another address (HTTP 302); redirects are not followed"),
            (Answers.status(503), .status, "answered with HTTP 503"),
        ] as [(FeedResponse, FeedFault.Kind, String)])
    func faults(response: FeedResponse, kind: FeedFault.Kind, part: String) throws {
        var conversation = try electricityMaps()
        let (_, reading) = try poll(&conversation, zone: "DE", [response])
        guard case .failure(let fault) = reading else {
            Issue.record("no fault: \(reading)")
            return
        }
        #expect(fault.kind == kind)
        #expect(fault.description.contains(part), "\(fault)")
        #expect(fault.retryAfterS == response.retryAfterS)
        #expect(!fault.description.contains("t0ken"))
    }

    @Test func aForecastThatCannotBeUsedLeavesTheValueOfNow() throws {
        for (answer, kind) in [
            (Answers.ok(Answers.forecast(zone: "FR", [1])), FeedFault.Kind.wrongZone),
            (Answers.ok("<html>"), .webPage), (Answers.status(500), .status),
            (Answers.ok(Answers.forecast([300, 1e6])), .outOfRange),
        ] {
            var conversation = try electricityMaps()
            let (_, reading) = try poll(&conversation, zone: "DE", [Answers.ok(Answers.latest()), answer])
            #expect(try reading.get().series.points.count == 1)
            #expect(try reading.get().note?.kind == kind)
        }
        // Which emissions it counts must be said where it is not the usual.
        var conversation = try electricityMaps(.direct)
        let (_, reading) = try poll(
            &conversation, zone: "DE",
            [Answers.ok(Answers.latest(counted: "direct")), Answers.ok(Answers.forecast([1]))])
        #expect(try reading.get().note?.kind == .wrongCounting)
    }

    @Test func zonesAreEscapedAndATokenIsNeeded() throws {
        var conversation = try electricityMaps()
        let (urls, _) = try poll(&conversation, zone: "a&b=ü", [Answers.status(404)])
        #expect(urls[0].contains("?zone=a%26b%3D%C3%BC&"))
        #expect(
            fault { () throws(FeedFault) in _ = try conversation.begin(zone: "DE", secret: nil, wallS: wallS) }?.kind
                == .secret)
    }
}

@Suite struct WattTimeConversationTests {
    private let login = Answers.ok("{\"token\": \"abc\"}")

    private func wattTime() throws -> WattTimeConversation {
        WattTimeConversation(base: try base(), signal: .marginal)
    }

    @Test func itLogsInOnceForManyPolls() throws {
        var conversation = try wattTime()
        let data = Answers.ok(Answers.wattTime([1000, 900]))
        let first = try poll(&conversation, zone: "CAISO_NORTH", secret: "user:pass:word", [login, data])
        #expect(
            first.urls == [
                "https://source.example/login",
                "https://source.example/v3/forecast?region=CAISO_NORTH&signal_type=co2_moer",
            ])
        #expect(try first.reading.get().series.points[0].intensityGPerKWh == 453.59237)
        #expect(try first.reading.get().series.factor == EmissionFactor(.direct, .marginal))
        let second = try poll(&conversation, zone: "CAISO_NORTH", secret: "user:pass:word", [data])
        #expect(second.urls.count == 1)
        // An ended token is renewed; a new password is another account.
        let third = try poll(
            &conversation, zone: "CAISO_NORTH", secret: "user:pass:word", [Answers.status(401), login, data])
        #expect(third.urls.count == 3)
        let fourth = try poll(&conversation, zone: "CAISO_NORTH", secret: "user:new", [login, data])
        #expect(fourth.urls.count == 2)
    }

    @Test func whatIsNoGoodAnswerIsNamed() throws {
        for (answers, kind, part) in [
            ([Answers.status(401)], FeedFault.Kind.refused, "WattTime's log-in refuses us"),
            ([Answers.ok("{\"token\": \"two words\"}")], .unexpected, "no usable token"),
            ([login, Answers.status(401)], .refused, "refuses us (HTTP 401)"),
            ([login, Answers.status(403)], .refused, "only CAISO_NORTH may be asked for"),
            ([login, Answers.ok(Answers.wattTime(region: "PJM", [1]))], .wrongZone, "answered for 'PJM'"),
            ([login, Answers.ok(Answers.wattTime(units: "percentile", [37]))], .wrongUnit, "in 'percentile'"),
            ([login, Answers.ok(Answers.wattTime(signal: "health_damage", [1]))], .wrongCounting, "'health_damage'"),
            ([login, Answers.ok(Answers.wattTime([1e6]))], .outOfRange, "g/kWh"),
        ] as [([FeedResponse], FeedFault.Kind, String)] {
            var conversation = try wattTime()
            let (_, reading) = try poll(&conversation, zone: "CAISO_NORTH", secret: "u:p", answers)
            guard case .failure(let fault) = reading else {
                Issue.record("no fault: \(reading)")
                continue
            }
            #expect(fault.kind == kind, "\(fault)")
            #expect(fault.description.contains(part), "\(fault)")
        }
        var conversation = try wattTime()
        let (_, reading) = try poll(&conversation, zone: "CAISO_NORTH", secret: "nocolon", [])
        #expect(throws: FeedFault.self) { try reading.get() }
    }
}

@Suite struct GreatBritainConversationTests {
    @Test func theNextTwoDaysAreAskedForFromTheHalfHour() throws {
        var conversation = GreatBritainConversation(base: try base())
        let (urls, reading) = try poll(
            &conversation, zone: "GB", secret: nil, [Answers.ok(Answers.greatBritain([100, 90, 80]))])
        #expect(urls == ["https://source.example/intensity/2026-11-21T12:00Z/fw48h"])
        #expect(try reading.get().series.points.map(\.intensityGPerKWh) == [100, 90, 80])
        let other = fault { () throws(FeedFault) in
            _ = try conversation.begin(zone: "DE", secret: nil, wallS: wallS)
        }
        #expect(other?.kind == .wrongZone)
    }
}
