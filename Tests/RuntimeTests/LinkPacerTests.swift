import Runtime
import Testing

@Suite struct LinkPacerTests {
    @Test func `bytes arrive after their transmission and the latency`() {
        var pacer = LinkPacer(bandwidthBytesPerS: 1e6, latencyS: 0.005)
        #expect(pacer.arrival(of: 500_000, now: .seconds(10)) == .milliseconds(10_505))
    }

    @Test func `what follows at once waits for the link, not for the latency`() {
        var pacer = LinkPacer(bandwidthBytesPerS: 1e6, latencyS: 0.5)
        #expect(pacer.arrival(of: 1000, now: .zero) == .milliseconds(501))
        #expect(pacer.arrival(of: 1000, now: .zero) == .milliseconds(502))
        #expect(pacer.arrival(of: 1000, now: .seconds(1)) == .milliseconds(1501))
    }

    @Test func `a thousand frames take the time of their sum, whatever their sizes`() {
        var pacer = LinkPacer(bandwidthBytesPerS: 12_500_000, latencyS: 0)
        var total = 0
        var last = Duration.zero
        for index in 0..<1000 {
            let bytes = 100 + (index * 7919) % 60_000
            total += bytes
            last = pacer.arrival(of: bytes, now: .microseconds(index))
        }
        let expected = Double(total) / 12_500_000
        #expect(abs(last / .seconds(1) - expected) < 1e-5 * 1000)
    }

    @Test func `a faster link does not let frames overtake those on their way`() {
        var pacer = LinkPacer(bandwidthBytesPerS: 1e6, latencyS: 1)
        let first = pacer.arrival(of: 1000, now: .zero)
        pacer.set(bandwidthBytesPerS: 1e9, latencyS: 0)
        #expect(pacer.arrival(of: 1000, now: .milliseconds(2)) == first)
    }

    @Test(arguments: [0, -1, Double.infinity, .nan])
    func `a bandwidth that is no number of bytes means no limit`(bandwidth: Double) {
        var pacer = LinkPacer(bandwidthBytesPerS: bandwidth, latencyS: 0)
        #expect(pacer.arrival(of: 1 << 40, now: .seconds(3)) == .seconds(3))
    }

    @Test func `a tiny bandwidth does not overflow time`() {
        var pacer = LinkPacer(bandwidthBytesPerS: 1e-300, latencyS: 1e300)
        for _ in 0..<100 { _ = pacer.arrival(of: .max, now: .zero) }
        #expect(pacer.arrival(of: 1, now: .zero) > .seconds(31_536_000))
    }
}
