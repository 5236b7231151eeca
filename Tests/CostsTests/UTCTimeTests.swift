import Costs
import Testing

@Suite("Times as RFC 3339")
struct UTCTimeTests {
    static let known: [(Double, String)] = [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (1_700_000_000.5, "2023-11-14T22:13:20.500Z"), (1_709_164_799, "2024-02-28T23:59:59.000Z"),
        (1_709_164_800, "2024-02-29T00:00:00.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"), (-0.25, "1969-12-31T23:59:59.750Z"),
        (-62_167_219_200, "0000-01-01T00:00:00.000Z"), (253_402_300_799, "9999-12-31T23:59:59.000Z"),
    ]

    @Test("a time has its text, and the text its time", arguments: known)
    func knownTimes(seconds: Double, text: String) {
        #expect(UTCTime.string(secondsSince1970: seconds) == text)
        #expect(UTCTime.secondsSince1970(text) == seconds)
    }

    @Test("every day of four centuries reads back as itself")
    func everyDay() {
        for day in stride(from: -100_000, through: 60_000, by: 1) {
            let seconds = Double(day) * 86_400 + 43_200
            let text = UTCTime.string(secondsSince1970: seconds)
            guard UTCTime.secondsSince1970(text) == seconds else {
                Issue.record("\(text) does not read back as \(seconds)")
                return
            }
        }
        #expect(UTCTime.string(secondsSince1970: -100_000 * 86_400).hasPrefix("1696-"))
    }

    @Test(
        "what is no RFC 3339 time in UTC is refused",
        arguments: [
            "", "now", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-13-01T00:00:00Z",
            "1970-00-01T00:00:00Z", "1970-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "1970-01-32T00:00:00Z",
            "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T00:00:00+01:00",
            "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00.xZ", "-970-01-01T00:00:00Z",
            "1970-01-01T00:00:00.1234567890123456789Z", "1970-0a-01T00:00:00Z", "１970-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(UTCTime.secondsSince1970(text) == nil)
    }

    @Test(
        "times outside the calendar and no numbers give a text that is a time",
        arguments: [
            Double.nan, .infinity, -.infinity, 1e300, -1e300, 253_402_300_800,
        ])
    func clamped(seconds: Double) {
        #expect(UTCTime.secondsSince1970(UTCTime.string(secondsSince1970: seconds)) != nil)
    }
}
