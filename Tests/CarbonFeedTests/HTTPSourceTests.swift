import CarbonFeed
import Dispatch
import Testing

/// Runs blocking work away from the cooperative pool.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}

private func ask(
    _ request: FeedRequest, isLocal: Bool = true, limits: HTTPSource.Limits = HTTPSource.Limits(),
    stop: HTTPSource.StopFlag = HTTPSource.StopFlag()
) async -> Result<FeedResponse, FeedFault> {
    await blocking {
        Result { () throws(FeedFault) in try HTTPSource(limits: limits, stop: stop).get(request, isLocal: isLocal) }
    }
}

private func kind(_ result: Result<FeedResponse, FeedFault>) -> FeedFault.Kind? {
    if case .failure(let fault) = result { fault.kind } else { nil }
}

@Suite struct HTTPSourceTests {
    @Test func anAnswerComesWholeWithItsStatusAndHeaders() async throws {
        try await LocalService.run { _ in
            .text("{}", status: 429, headers: [("content-type", "text/plain"), ("retry-after", "77")])
        } _: { service in
            let secret = try #require(Secret("hunter2"))
            let response = try await ask(
                FeedRequest(
                    url: service.address + "/a?b=c",
                    authorization: .header(name: "auth-token", prefix: "", secret))
            ).get()
            #expect(
                response
                    == FeedResponse(status: 429, contentType: "text/plain", retryAfterS: 77, body: Array("{}".utf8)))
            let question = try #require(service.questions.first)
            #expect(question.uri == "/a?b=c")
            #expect(question.headers["auth-token"] == ["hunter2"])
            let user = try #require(Secret("user"))
            _ = await ask(FeedRequest(url: service.address, authorization: .basic(user: user, password: secret)))
            // user:hunter2 in base 64.
            #expect(service.questions.last?.headers["authorization"] == ["Basic dXNlcjpodW50ZXIy"])
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        try await LocalService.run { _ in
            .text("", status: 302, headers: [("location", "/elsewhere")])
        } _: { service in
            let response = try await ask(FeedRequest(url: service.address)).get()
            #expect(response.status == 302)
            #expect(service.questions.count == 1)
        }
    }

    @Test func aSlowALongAndASilentAnswerEndByTheirLimits() async throws {
        var limits = HTTPSource.Limits()
        limits.totalS = 0.3
        limits.bytes = 1000
        try await LocalService.run { question in
            switch question.uri {
            case "/slow": .silence
            case "/long": .text(String(repeating: " ", count: 1001))
            case "/fits": .text(String(repeating: " ", count: 1000))
            default: .hangUp
            }
        } _: { service in
            let slow = await ask(FeedRequest(url: service.address + "/slow"), limits: limits)
            #expect(kind(slow) == .slow)
            limits.totalS = 30
            #expect(kind(await ask(FeedRequest(url: service.address + "/long"), limits: limits)) == .tooLong)
            let fits = try await ask(FeedRequest(url: service.address + "/fits"), limits: limits).get()
            #expect(fits.body.count == 1000)
            #expect(kind(await ask(FeedRequest(url: service.address + "/nothing"), limits: limits)) == .empty)
        }
    }

    @Test func nobodyListeningIsSaidWithHostAndPort() async throws {
        let port = try await LocalService.run { _ in
            .silence
        } _: {
            $0.port
        }
        let result = await ask(FeedRequest(url: "http://127.0.0.1:\(port)/secret-path"))
        guard case .failure(let fault) = result else {
            Issue.record("an answer from nobody")
            return
        }
        #expect(fault.kind == .unreachable)
        #expect(fault.description.hasPrefix("127.0.0.1:\(port) cannot be reached ("))
        #expect(!fault.description.contains("secret-path"))
    }

    @Test func plainHTTPIsRefusedButToThisMachine() async throws {
        try await LocalService.run { _ in
            .text("{}")
        } _: { service in
            #expect(kind(await ask(FeedRequest(url: service.address), isLocal: false)) == .unreachable)
            #expect(service.questions.isEmpty)
        }
    }

    @Test func aQuestionUnderWayIsGivenUp() async throws {
        let stop = HTTPSource.StopFlag()
        try await LocalService.run { _ in
            stop.raise()
            return .silence
        } _: { service in
            #expect(kind(await ask(FeedRequest(url: service.address), stop: stop)) == .stopped)
        }
    }
}
