import Agent
import Cluster
import Testing

@Suite struct UnkeptPromisesTests {
    @Test func `a full disk is said once, tried again every second, and what waited comes in order`() {
        var promises = UnkeptPromises()
        #expect(!promises.isRetryDue(now: .seconds(9)))
        let isNews = [promises.refused("full", now: .seconds(10)), promises.refused("full", now: .seconds(10))]
        #expect(isNews == [true, false])
        #expect(!promises.isRetryDue(now: .milliseconds(10_900)) && promises.isRetryDue(now: .seconds(11)))
        let lost = [promises.keep(.brokerDisconnected), promises.keep(.brokerConnected)].compactMap(\.self)
        #expect(lost.isEmpty && !promises.isEmpty)
        let waited = promises.recovered().map { "\($0)" }
        #expect(waited == ["brokerDisconnected", "brokerConnected"])
        #expect(promises.isEmpty && promises.fault == nil && !promises.isRetryDue(now: .seconds(99)))
    }

    @Test func `the next try does not wait for those who talk meanwhile to be silent`() {
        var promises = UnkeptPromises()
        #expect(promises.nextTick(after: .seconds(10)) == nil)
        _ = promises.refused("full", now: .seconds(10))
        // However often it is asked, and whatever else was refused since.
        _ = promises.refused("full", now: .milliseconds(10_900))
        #expect(promises.nextTick(after: .seconds(10)) == .seconds(11))
        _ = promises.recovered()
        #expect(promises.nextTick(after: .seconds(10)) == nil)
    }

    @Test func `what others say again does not wait, and the rest is bounded`() {
        #expect(!UnkeptPromises.mustKeep(.tick) && UnkeptPromises.mustKeep(.executorLost(reason: "x")))
        var promises = UnkeptPromises()
        let kept = (0..<UnkeptPromises.maximumWaiting).map { _ in promises.keep(.brokerConnected) }
        #expect(kept.allSatisfy { $0 == nil })
        let lost = promises.keep(.brokerConnected)
        #expect(lost?.contains("256") == true)
        let waited = promises.recovered()
        #expect(waited.count == UnkeptPromises.maximumWaiting)
    }
}
