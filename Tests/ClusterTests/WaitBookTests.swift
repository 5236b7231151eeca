import Cluster
import Testing

@Suite struct MessageBookTests {
    private static func plan(_ sequence: UInt64) -> PlanID { PlanID(term: 1, leader: "a", sequence: sequence) }

    /// 20 messages of a prediction of 100 ms.
    private static func sample(
        _ latencyS: Double, model: String = "m", plan sequence: UInt64 = 1, messages: Double = 20, assumedS: Double = 0,
        predictedS: Double = 0.1, total: Int
    ) -> MessageBook.Sample {
        MessageBook.Sample(
            model: model, plan: plan(sequence), latencyS: latencyS, predictedS: predictedS, messages: messages,
            assumedS: assumedS, totalRequests: total)
    }

    private static func announced(_ samples: [MessageBook.Sample]) -> [MessageCost] {
        var book = MessageBook()
        for sample in samples { _ = book.observe(sample) }
        return book.announced
    }

    @Test func `what a request takes beyond the prediction is its messages'`() throws {
        let cost = try #require(Self.announced([Self.sample(0.12, total: MessageBook.leastRequests)]).first)
        #expect(cost.model == "m" && cost.requests == MessageBook.leastRequests)
        #expect(abs(cost.perMessageS - 0.001) < 1e-12)
    }

    @Test func `what the prediction counted already is not counted twice`() throws {
        let cost = try #require(Self.announced([Self.sample(0.1, assumedS: 0.001, total: 100)]).first)
        #expect(abs(cost.perMessageS - 0.001) < 1e-12)
    }

    @Test func `too few requests, and requests without messages, say nothing`() {
        #expect(Self.announced([Self.sample(0.12, total: MessageBook.leastRequests - 1)]).isEmpty)
        #expect(Self.announced([Self.sample(0.12, messages: 0, total: 100)]).isEmpty)
        #expect(Self.announced([Self.sample(.nan, total: 100)]).isEmpty)
        // As fast as predicted, or faster.
        #expect(Self.announced([Self.sample(0.1, total: 100)]).isEmpty)
        #expect(Self.announced([Self.sample(0.05, total: 100)]).isEmpty)
    }

    @Test func `requests count once, and those of the next plan from its beginning`() {
        var book = MessageBook()
        let least = MessageBook.leastRequests
        let news = [(1, least - 2), (1, least - 2), (2, 2)].map { plan, total in
            book.observe(Self.sample(0.12, plan: UInt64(plan), total: total))
        }
        #expect(news == [false, false, true])
        #expect(book.announced.first?.requests == least)
    }

    @Test func `one slow report moves the figure by its weight, a lasting change is followed`() throws {
        var book = MessageBook()
        for round in 1...20 { _ = book.observe(Self.sample(0.12, total: 10 * round)) }
        _ = book.observe(Self.sample(0.22, total: 210))
        let moved = try #require(book.announced.first).perMessageS
        #expect(abs(moved - (0.001 + MessageBook.weightOfOneReport * 0.005)) < 1e-9)
        for round in 22...60 { _ = book.observe(Self.sample(0.22, total: 10 * round)) }
        let followed = try #require(book.announced.first).perMessageS
        #expect(abs(followed / 0.006 - 1) <= MessageBook.announcedChange)
    }

    @Test func `a plan of few messages says little about them`() throws {
        var book = MessageBook()
        for round in 1...20 { _ = book.observe(Self.sample(0.12, total: 10 * round)) }
        // Ten milliseconds that may come from anywhere.
        for round in 1...5 { _ = book.observe(Self.sample(0.11, plan: 2, messages: 1, total: 10 * round)) }
        let known = try #require(book.announced.first).perMessageS
        #expect(abs(known - 0.001) < 0.0002)
    }

    @Test func `what nothing shows any more fades, and is forgotten with the profile it was compared with`() throws {
        var book = MessageBook()
        _ = book.observe(Self.sample(0.12, total: 100), now: .seconds(1000))
        let early = book.fade(model: "m", now: .seconds(1010))
        let known = try #require(book.announced.first).perMessageS
        #expect(!early && abs(known - 0.001) < 1e-12)
        let late = book.fade(model: "m", now: .seconds(1000) + MessageBook.halfLife)
        let faded = try #require(book.announced.first).perMessageS
        #expect(late && abs(faded - 0.0005) < 1e-9)
        let other = book.fade(model: "other", now: .seconds(99_999))
        #expect(!other)
        book.forget(model: "m")
        #expect(book.announced.isEmpty)
    }

    @Test func `a figure is bounded, and so are the models`() throws {
        #expect(Self.announced([Self.sample(1000, total: 100)]).first?.perMessageS == MessageBook.largestS)
        var book = MessageBook()
        for number in 0..<MessageBook.maximumEntries + 5 {
            _ = book.observe(Self.sample(0.12, model: "m\(number)", total: 100 + number))
        }
        #expect(book.announced.count == MessageBook.maximumEntries)
        #expect(!book.announced.contains { $0.model == "m0" })
        book.keep(models: ["m50"])
        #expect(book.announced.map(\.model) == ["m50"])
    }
}
