import Agent
import Costs
import Testing

@Suite struct IdlePowerTests {
    /// Periods of two seconds in which so many inferences passed at a power.
    private static func announced(
        _ periods: [(runs: Int, powerW: Double?)], statedW: Double? = 2
    ) -> (announcedW: Double?, news: Int) {
        var idle = IdlePower()
        var totalRuns = 0
        var news = 0
        for (index, period) in periods.enumerated() {
            totalRuns += period.runs
            let now = Duration.seconds(2 * (index + 1))
            let isNews = idle.period(totalRuns: totalRuns, statedW: statedW, now: now) { from in
                period.powerW.map { ($0 * (now - from).inSeconds, now) }
            }
            if isNews { news += 1 }
        }
        return (idle.announcedW, news)
    }

    private static func quiet(_ count: Int, _ powerW: Double?) -> [(runs: Int, powerW: Double?)] {
        Array(repeating: (0, powerW), count: count)
    }

    @Test func `the power between requests is announced once it is known`() {
        #expect(Self.announced(Self.quiet(6, 2.3)).announcedW == nil)
        let known = Self.announced(Self.quiet(7, 2.3))
        #expect(known.announcedW.map { abs($0 - 2.3) < 1e-9 } == true && known.news == 1)
        #expect(Self.announced(Self.quiet(60, 2.3)).news == 1)
    }

    @Test func `periods with requests do not count, nor those beside them`() {
        let busy = Array(repeating: [(runs: 0, powerW: 2.4 as Double?), (runs: 1, powerW: 2.9)], count: 30)
        #expect(Self.announced(busy.flatMap { $0 }).announcedW == nil)
        let mixed = busy.flatMap { $0 } + Self.quiet(8, 2.2)
        #expect(Self.announced(mixed).announcedW.map { abs($0 - 2.2) < 1e-9 } == true)
    }

    @Test func `small differences, other things than rest, and meters that do not know change nothing`() {
        #expect(Self.announced(Self.quiet(30, 2.08)).announcedW == nil)
        #expect(Self.announced(Self.quiet(30, 0.9)).announcedW == nil)
        #expect(Self.announced(Self.quiet(30, 7)).announcedW == nil)
        #expect(Self.announced(Self.quiet(30, nil)).announcedW == nil)
        #expect(Self.announced(Self.quiet(30, 2.3), statedW: nil).announcedW == nil)
    }

    @Test func `a change is followed after half a window`() {
        let changed = Self.announced(Self.quiet(20, 2.2) + Self.quiet(20, 2.8))
        #expect(changed.announcedW.map { abs($0 - 2.8) < 1e-9 } == true && changed.news == 2)
    }

    @Test func `a device never waits at more than it computes at`() {
        var device = Device(
            id: "a", flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1, computePowerW: 3, idlePowerW: 2)
        device.rest(atPowerW: 2.5)
        #expect(device.idlePowerW == 2.5)
        device.operatingPoints = [
            OperatingPoint(frequencyHz: 1e8, flops: 1e8, computePowerW: 2.1),
            OperatingPoint(frequencyHz: 1e9, flops: 1e9, computePowerW: 3),
        ]
        device.rest(atPowerW: 2.5)
        #expect(device.idlePowerW == 2.1)
    }
}
