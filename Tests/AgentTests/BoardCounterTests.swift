import Agent
import Board
import Costs
import Testing

@Suite struct BoardCounterTests {
    private func counter() -> BoardCounter {
        BoardCounter(offered: [], freshFor: .seconds(10), energy: EnergyIntegrator())
    }

    private func end(
        _ counter: BoardCounter, clocks: [DeviceID: Double] = [:], sentences: [String] = [], now: Duration
    ) {
        var snapshot = BoardSnapshot()
        snapshot.celsius = 40
        var news = BoardNews()
        news.sentences = sentences
        counter.workEnds(
            offered: [], conditions: [], snapshot: snapshot, clocks: clocks, asPlanned: ["gpu"], news: news, now: now)
    }

    @Test func `of requests that nobody took the last one counts, and only the first wakes the keeper`() {
        let counter = counter()
        let isFirst = [
            counter.leave { $0.clocks = ["gpu": 1] }, counter.leave { $0.devices = [] },
            counter.leave { $0.clocks = ["gpu": 2] },
        ]
        #expect(isFirst == [true, false, false])
        let request = counter.takeRequest()
        #expect(request.clocks == ["gpu": 2] && request.devices == [])
        let isFirstAgain = counter.leave { $0.clocks = [:] }
        #expect(isFirstAgain)
    }

    @Test func `a clock is as planned once the keeper has carried the last request out`() {
        let counter = counter()
        end(counter, now: .zero)
        #expect(counter.isAsPlanned("gpu") && !counter.isAsPlanned("cpu"))
        _ = counter.leave { $0.clocks = ["gpu": 2] }
        #expect(!counter.isAsPlanned("gpu"))
        end(counter, clocks: ["gpu": 2], now: .zero)
        #expect(counter.isAsPlanned("gpu"))
    }

    @Test func `figures of a board that does not answer are unknown after a while, and it shows for how long`() {
        let counter = counter()
        #expect(counter.snapshot(now: .zero).celsius == nil && counter.busyFor(now: .zero) == nil)
        end(counter, now: .seconds(1))
        counter.workBegins(now: .seconds(2))
        #expect(counter.snapshot(now: .seconds(11)).celsius == 40)
        #expect(counter.snapshot(now: .seconds(12)).celsius == nil)
        #expect(counter.busyFor(now: .seconds(12)) == .seconds(10))
    }

    @Test func `news wait for the agent, and no more than a number of them`() {
        let counter = counter()
        let many = (0..<100).map { "\($0)" }
        end(counter, sentences: many, now: .zero)
        #expect(counter.takeNews().sentences == many.suffix(BoardCounter.maximumSentences))
        #expect(counter.takeNews().sentences.isEmpty)
    }
}
