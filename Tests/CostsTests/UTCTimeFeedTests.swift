import Costs
import Testing

@Suite struct UTCTimeFeedTests {
    @Test(arguments: [
        "2023-01-01 00:00:00", "2023-01-01T00:00:00Z", "2023-01-01T00:00Z", "2023-01-01 00:00",
        "2023-01-01T00:00:00.000Z",
        "2023-01-01T00:00:00+00:00", "2023-01-01 00:00:00+00:00", "2023-01-01T00:00:00-00:00",
    ])
    func theWaysOfFeedsAreOneInstant(text: String) {
        #expect(UTCTime.secondsSince1970(feed: text) == 1_672_531_200)
    }

    @Test(arguments: [
        "", "Z", "2023", "2023-01-01", "2023-01-01 00", "2023-01-01 00:00:00+01:00", "2023-01-01T00:00:00ZZ",
        "2023-02-30 00:00:00", "2023-01-01  00:00", "2023-01-01x00:00:00", "2023-01-01 24:00:00", "01/01/2023 00:00",
        "２023-01-01 00:00:00",
    ])
    func allElseIsRefused(text: String) {
        #expect(UTCTime.secondsSince1970(feed: text) == nil)
    }
}
