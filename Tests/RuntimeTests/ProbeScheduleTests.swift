import Runtime
import Testing

@Suite struct ProbeScheduleTests {
    private func link(
        _ peer: String, measured seconds: Int? = nil, bandwidth: Double? = nil, isQuiet: Bool = true,
        isInDoubt: Bool = false
    ) -> ProbeSchedule.Link {
        ProbeSchedule.Link(
            peer: .init(peer), measuredAt: seconds.map { .seconds($0) }, bandwidthBytesPerS: bandwidth,
            isQuiet: isQuiet, isInDoubt: isInDoubt)
    }

    @Test func theLinkThatWasSilentLongestComesFirst() {
        let links = [link("a", measured: 50), link("b", measured: 20), link("c", measured: 30)]
        #expect(ProbeSchedule.next(links, now: .seconds(100))?.peer == "b")
        #expect(ProbeSchedule.next(links + [link("d")], now: .seconds(100))?.peer == "d")
    }

    @Test func aLinkThatShowedItselfIsLeftAlone() {
        #expect(ProbeSchedule.next([link("a", measured: 90)], now: .seconds(100)) == nil)
        #expect(ProbeSchedule.next([link("a", measured: 85)], now: .seconds(100)) != nil)
        #expect(ProbeSchedule.next([link("a", isQuiet: false)], now: .seconds(100)) == nil)
    }

    @Test func aLinkThatNeverAnswersDoesNotKeepTheOthersWaiting() {
        var dead = link("a")
        dead.probedAt = .seconds(99)
        #expect(ProbeSchedule.next([dead, link("b", measured: 50)], now: .seconds(100))?.peer == "b")
        #expect(ProbeSchedule.next([dead], now: .seconds(100)) == nil)
        #expect(ProbeSchedule.next([dead], now: .seconds(101)) != nil)
        var known = link("a", measured: 80, bandwidth: 1e6)
        known.probedAt = .seconds(99)
        #expect(ProbeSchedule.next([known], now: .seconds(113)) == nil)
        #expect(ProbeSchedule.next([known], now: .seconds(114)) != nil)
        var doubtful = link("a", measured: 99, isInDoubt: true)
        doubtful.probedAt = .seconds(99)
        #expect(ProbeSchedule.next([doubtful], now: .seconds(100)) == nil)
        #expect(ProbeSchedule.next([doubtful], now: .seconds(101)) != nil)
    }

    @Test func aProbeThatWasTooFastToTellIsFollowedByALargeOne() throws {
        var fast = link("a")
        fast.probedAt = .seconds(10)
        let next = try #require(ProbeSchedule.next([fast], now: .seconds(12)))
        #expect(next.bytes == LinkEstimator.surelyLargeBytes)
    }

    @Test func aLinkInDoubtIsLookedAtAgainAtOnce() {
        let links = [link("a"), link("b", measured: 100, isInDoubt: true)]
        #expect(ProbeSchedule.next(links, now: .seconds(100))?.peer == "b")
    }

    @Test(arguments: [
        (nil, ProbeSchedule.leastBytes), (1e3, ProbeSchedule.leastBytes), (1e7, 200_000),
        (1e12, ProbeSchedule.mostBytes),
        (Double.nan, ProbeSchedule.leastBytes),
    ])
    func aProbeTakesTheSameTimeOnSlowAndFastLinksWithinLimits(bandwidth: Double?, bytes: Int) {
        #expect(ProbeSchedule.next([link("a", bandwidth: bandwidth)], now: .zero)?.bytes == bytes)
    }
}
