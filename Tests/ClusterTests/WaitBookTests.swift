import Cluster
import Testing

@Suite struct WaitBookTests {
    private static func plan(_ sequence: UInt64) -> PlanID { PlanID(term: 1, leader: "a", sequence: sequence) }

    /// 20 messages of a prediction of 100 ms.
    private static func sample(
        _ latencyS: Double, model: String = "m", plan sequence: UInt64 = 1, messages: Double = 20, assumedS: Double = 0,
        predictedS: Double = 0.1, total: Int
    ) -> WaitBook.Sample {
        WaitBook.Sample(
            model: model, plan: plan(sequence), latencyS: latencyS, predictedS: predictedS, messages: messages,
            assumedS: assumedS, totalRequests: total)
    }

    private static func announced(_ samples: [WaitBook.Sample]) -> [WaitCost] {
        var book = WaitBook()
        for sample in samples { _ = book.observe(sample) }
        return book.announced
    }

    @Test func `what a request takes beyond the prediction is its messages'`() throws {
        let cost = try #require(Self.announced([Self.sample(0.12, total: WaitBook.leastRequests)]).first)
        #expect(cost.model == "m" && cost.requests == WaitBook.leastRequests)
        #expect(abs(cost.eachS - 0.001) < 1e-12)
    }

    @Test func `what the prediction counted already is not counted twice`() throws {
        let cost = try #require(Self.announced([Self.sample(0.1, assumedS: 0.001, total: 100)]).first)
        #expect(abs(cost.eachS - 0.001) < 1e-12)
    }

    @Test func `too few requests, and requests without messages, say nothing`() {
        #expect(Self.announced([Self.sample(0.12, total: WaitBook.leastRequests - 1)]).isEmpty)
        #expect(Self.announced([Self.sample(0.12, messages: 0, total: 100)]).isEmpty)
        #expect(Self.announced([Self.sample(.nan, total: 100)]).isEmpty)
        // As fast as predicted, or faster.
        #expect(Self.announced([Self.sample(0.1, total: 100)]).isEmpty)
        #expect(Self.announced([Self.sample(0.05, total: 100)]).isEmpty)
    }

    @Test func `requests count once, and those of the next plan from its beginning`() {
        var book = WaitBook()
        let least = WaitBook.leastRequests
        let totals = [(1, least - 1), (1, least), (1, least), (2, least - 1), (2, least + 3)]
        let news = totals.map { plan, total in
            book.observe(Self.sample(plan == 1 ? 0.12 : 0.14, plan: UInt64(plan), total: total))
        }
        #expect(news == [false, true, false, false, true])
        #expect(book.announced.first?.requests == 2 * least + 3)
    }

    @Test func `one slow report moves the figure by its weight, a lasting change is followed`() throws {
        var book = WaitBook()
        for round in 1...20 { _ = book.observe(Self.sample(0.12, total: 10 * round)) }
        _ = book.observe(Self.sample(0.22, total: 210))
        let moved = try #require(book.announced.first).eachS
        #expect(abs(moved - (0.001 + WaitBook.weightOfOneReport * 0.005)) < 1e-9)
        for round in 22...60 { _ = book.observe(Self.sample(0.22, total: 10 * round)) }
        let followed = try #require(book.announced.first).eachS
        #expect(abs(followed / 0.006 - 1) <= WaitBook.announcedChange)
    }

    @Test func `a plan of few messages says little about them`() throws {
        var book = WaitBook()
        for round in 1...20 { _ = book.observe(Self.sample(0.12, total: 10 * round)) }
        // Ten milliseconds that may come from anywhere.
        for round in 1...5 { _ = book.observe(Self.sample(0.11, plan: 2, messages: 1, total: 10 * round)) }
        let known = try #require(book.announced.first).eachS
        #expect(abs(known - 0.001) < 0.0002)
    }

    @Test func `what nothing shows any more fades, and is forgotten with the profile it was compared with`() throws {
        var book = WaitBook()
        _ = book.observe(Self.sample(0.12, total: 100), now: .seconds(1000))
        let early = book.fade(model: "m", now: .seconds(1010))
        let known = try #require(book.announced.first).eachS
        #expect(!early && abs(known - 0.001) < 1e-12)
        let late = book.fade(model: "m", now: .seconds(1000) + WaitBook.halfLife)
        let faded = try #require(book.announced.first).eachS
        #expect(late && abs(faded - 0.0005) < 1e-9)
        let other = book.fade(model: "other", now: .seconds(99_999))
        #expect(!other)
        book.forget(model: "m")
        #expect(book.announced.isEmpty)
    }

    @Test func `a figure is bounded, and so are the models`() throws {
        #expect(Self.announced([Self.sample(1000, total: 100)]).first?.eachS == WaitBook.largestS)
        var book = WaitBook()
        for number in 0..<WaitBook.maximumEntries + 5 {
            _ = book.observe(Self.sample(0.12, model: "m\(number)", total: 100 + number))
        }
        #expect(book.announced.count == WaitBook.maximumEntries)
        #expect(!book.announced.contains { $0.model == "m0" })
        book.keep(models: ["m50"])
        #expect(book.announced.map(\.model) == ["m50"])
    }
}
