import Costs
import Runtime
import Testing

/// Each test carries frames over an emulated link in virtual time and asks what the estimator made of it.
@Suite struct LinkEstimatorTests {
    /// Sends frames at the given times; every acknowledgement takes the latency back.
    private func carry(
        _ frames: [(bytes: Int, at: Duration)], bandwidth: Double, latencyS: Double, into estimator: inout LinkEstimator
    ) {
        var pacer = LinkPacer(bandwidthBytesPerS: bandwidth, latencyS: latencyS)
        var events: [(at: Duration, number: UInt64, bytes: Int?)] = []
        for (index, frame) in frames.enumerated() {
            let number = UInt64(1000 + index)
            events.append((frame.at, number, frame.bytes))
            let arrival = pacer.arrival(of: frame.bytes, now: frame.at)
            events.append((arrival + .nanoseconds(Int64(latencyS * 1e9)), number, nil))
        }
        for event in events.sorted(by: { $0.at < $1.at }) {
            if let bytes = event.bytes {
                estimator.sent(number: event.number, bytes: bytes, now: event.at)
            } else {
                estimator.acknowledged(number: event.number, now: event.at)
            }
        }
    }

    @Test func `nothing is claimed before anything was measured`() {
        let estimator = LinkEstimator()
        #expect(estimator.latencyS == nil)
        #expect(estimator.bandwidthBytesPerS == nil)
    }

    @Test func `single frames over an idle link give bandwidth and latency`() throws {
        var estimator = LinkEstimator()
        let frames = (0..<20).map { (bytes: $0 % 2 == 0 ? 100 : 400_000, at: Duration.seconds($0)) }
        carry(frames, bandwidth: 1e7, latencyS: 0.003, into: &estimator)
        #expect(abs(try #require(estimator.latencyS) - 0.003) < 1e-4)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.01)
    }

    @Test func `frames that queue behind one another do not make the link look slow`() throws {
        var estimator = LinkEstimator()
        var frames = [(bytes: 100, at: Duration.zero)]
        frames += (0..<50).map { (bytes: 200_000, at: Duration.seconds(1) + .milliseconds($0)) }
        carry(frames, bandwidth: 1e7, latencyS: 0.001, into: &estimator)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.05)
    }

    @Test func `a few disturbed transfers do not move the estimate`() throws {
        var estimator = LinkEstimator()
        var now = Duration.zero
        for index in 0..<9 {
            estimator.sent(number: UInt64(index), bytes: 1_000_000, now: now)
            now += index % 4 == 1 ? .seconds(3) : .milliseconds(100)
            estimator.acknowledged(number: UInt64(index), now: now)
            now += .seconds(1)
        }
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.001)
    }

    @Test func `two large transfers tell a fall to a tenth`() throws {
        var estimator = LinkEstimator()
        carry((0..<9).map { (bytes: 600_000, at: .seconds($0)) }, bandwidth: 7e6, latencyS: 0, into: &estimator)
        carry([(bytes: 600_000, at: .seconds(20))], bandwidth: 7e5, latencyS: 0, into: &estimator)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 7e6 - 1) < 0.01)
        #expect(estimator.changes == 0)
        carry([(bytes: 600_000, at: .seconds(22))], bandwidth: 7e5, latencyS: 0, into: &estimator)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 7e5 - 1) < 0.01)
        #expect(estimator.changes == 1)
    }

    @Test func `half the bandwidth shows after half a window of transfers`() throws {
        var estimator = LinkEstimator()
        carry(
            (0..<20).map { (bytes: 500_000, at: .seconds($0)) }, bandwidth: 1e7, latencyS: 0, into: &estimator)
        var slower = estimator
        carry(
            (0..<5).map { (bytes: 500_000, at: .seconds(100 + $0)) }, bandwidth: 5e6, latencyS: 0, into: &slower)
        #expect(abs(try #require(slower.bandwidthBytesPerS) / 5e6 - 1) < 0.01)
    }

    @Test func `small tensors tell the bandwidth of a slow link`() throws {
        var estimator = LinkEstimator()
        let frames = (0..<20).map { (bytes: $0 % 2 == 0 ? 100 : 12_000, at: Duration.seconds($0)) }
        carry(frames, bandwidth: 1.2e6, latencyS: 0.001, into: &estimator)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1.2e6 - 1) < 0.02)
    }

    @Test func `small tensors tell nothing of a link that is faster than its round trip`() {
        var estimator = LinkEstimator()
        let frames = (0..<20).map { (bytes: $0 % 2 == 0 ? 100 : 12_000, at: Duration.seconds($0)) }
        carry(frames, bandwidth: 1e8, latencyS: 0.001, into: &estimator)
        #expect(estimator.bandwidthBytesPerS == nil)
    }

    @Test func `small frames that a busy board answers late do not make the link look slow`() throws {
        var estimator = LinkEstimator()
        var now = Duration.zero
        for index in 0..<30 {
            // A board that has a fifth of a core waits for 16 ms of every 20.
            let bytes = index % 3 == 0 ? 400_000 : 4000
            estimator.sent(number: UInt64(3 * index), bytes: 100, now: now)
            now += .microseconds(300)
            estimator.acknowledged(number: UInt64(3 * index), now: now)
            estimator.sent(number: UInt64(3 * index + 1), bytes: bytes, now: now)
            now += bytes == 4000 ? .milliseconds(16) : .milliseconds(8)
            estimator.acknowledged(number: UInt64(3 * index + 1), now: now)
            now += .seconds(1)
        }
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 5e7 - 1) < 0.05)
    }

    @Test func `one small frame that goes through at once refutes those that were late`() {
        var estimator = LinkEstimator()
        var now = Duration.zero
        func carry(_ number: Int, _ bytes: Int, _ took: Duration) {
            estimator.sent(number: UInt64(number), bytes: bytes, now: now)
            now += took
            estimator.acknowledged(number: UInt64(number), now: now)
            now += .seconds(1)
        }
        carry(1, 100, .microseconds(500))
        for (number, took) in [16, 8, 12, 20].enumerated() { carry(2 + number, 4000, .milliseconds(took)) }
        // The best of them is all that can be known yet.
        #expect(estimator.bandwidthBytesPerS.map { abs($0 * 7.5e-3 / 4000 - 1) < 0.01 } == true)
        carry(6, 4000, .microseconds(600))
        #expect(estimator.bandwidthBytesPerS == nil)
    }

    @Test func `a burst that a bucket lets through at once tells nothing`() {
        var estimator = LinkEstimator()
        estimator.sent(number: 1, bytes: 100, now: .zero)
        estimator.acknowledged(number: 1, now: .microseconds(300))
        estimator.sent(number: 2, bytes: LinkEstimator.largeFrameBytes, now: .seconds(1))
        estimator.acknowledged(number: 2, now: .seconds(1) + .microseconds(303))
        #expect(estimator.bandwidthBytesPerS == nil)
    }

    /// Ten megabytes per second, then transfers while boards compute that took so long.
    private func disturbed(_ took: [Duration], bytes: Int = 40_000) -> LinkEstimator {
        var estimator = LinkEstimator()
        carry((0..<9).map { (bytes: 500_000, at: .seconds($0)) }, bandwidth: 1e7, latencyS: 0, into: &estimator)
        for (index, took) in took.enumerated() {
            let sentAt = Duration.seconds(100 + index)
            estimator.sent(number: UInt64(index), bytes: bytes, now: sentAt, isDisturbed: index % 2 == 0)
            estimator.acknowledged(number: UInt64(index), now: sentAt + took, isDisturbed: index % 2 == 1)
        }
        return estimator
    }

    @Test func `answers that wait for a processor do not make the link look slow`() throws {
        // 4 ms by the link alone.
        let estimator = disturbed((0..<30).map { .milliseconds(4 + $0 % 24) })
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.01)
        #expect(estimator.changes == 0)
    }

    @Test func `a fall that no processor explains is seen while boards compute`() throws {
        let estimator = disturbed([Duration](repeating: .milliseconds(800), count: 3), bytes: 200_000)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 2.5e5 - 1) < 0.05)
        #expect(estimator.changes == 1)
    }

    @Test(arguments: [5, 60])
    func `what a processor may explain is only a doubt, until boards rest`(milliseconds: Int) throws {
        // 20 ms by the link as it is known.
        var estimator = disturbed([Duration](repeating: .milliseconds(milliseconds), count: 30), bytes: 200_000)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.01)
        #expect(estimator.changes == 0 && estimator.isInDoubt)
        carry([(bytes: 200_000, at: .seconds(200))], bandwidth: 1e7, latencyS: 0, into: &estimator)
        #expect(!estimator.isInDoubt)
    }

    @Test func `late answers one after the other do not make the link look fast`() throws {
        var estimator = LinkEstimator()
        carry((0..<9).map { (bytes: 500_000, at: .seconds($0)) }, bandwidth: 1e7, latencyS: 0.0002, into: &estimator)
        var random = SeededGenerator(seed: 1)
        // Three frames of 6 ms each, whose answers all wait for the end of a stall.
        for request in 0..<200 {
            let sentAt = Duration.seconds(100 + request)
            let stall = Duration.milliseconds(Int.random(in: 0...20, using: &random))
            for frame in 0..<3 {
                estimator.sent(number: UInt64(3 * request + frame), bytes: 60_000, now: sentAt, isDisturbed: true)
            }
            for frame in 0..<3 {
                let through = Duration.milliseconds(6 * (frame + 1))
                let answeredAt = max(through, .milliseconds(6) + stall) + .microseconds(500 * frame)
                estimator.acknowledged(
                    number: UInt64(3 * request + frame), now: sentAt + answeredAt, isDisturbed: true)
            }
        }
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) < 0.01)
        #expect(estimator.changes == 0)
        #expect(estimator.measuredAt.map { $0 < .seconds(100) } == true)
    }

    @Test func `one transfer between idle boards outweighs those that were disturbed`() throws {
        var estimator = disturbed([Duration](repeating: .milliseconds(300), count: 3), bytes: 100_000)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 1e7 - 1) > 0.5)
        carry([(bytes: 100_000, at: .seconds(200))], bandwidth: 5e6, latencyS: 0, into: &estimator)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) / 5e6 - 1) < 0.01)
    }

    @Test func `acknowledgements of what was never sent are ignored`() {
        var estimator = LinkEstimator()
        estimator.acknowledged(number: 5, now: .seconds(1))
        #expect(estimator.count == 0)
    }

    @Test func `frames that are never acknowledged are forgotten at a bound`() {
        var estimator = LinkEstimator()
        for number in 0..<10_000 { estimator.sent(number: UInt64(number), bytes: 100, now: .zero) }
        estimator.acknowledged(number: 9999, now: .seconds(1))
        #expect(estimator.count == 0)
        estimator.acknowledged(number: 0, now: .seconds(1))
        #expect(estimator.count == 1)
    }
}

@Suite struct LinkChangeTests {
    /// Large frames one after another over a link of this rate.
    private func transfer(_ estimator: inout LinkEstimator, _ count: Int, bytesPerS: Double, from start: Duration)
        -> Duration
    {
        var now = start
        for _ in 0..<count {
            let number = UInt64(now.components.attoseconds / 1_000_000_000) &+ UInt64(now.components.seconds) << 40
            estimator.sent(number: number, bytes: 100_000, now: now)
            now += .nanoseconds(Int64(100_000 / bytesPerS * 1e9))
            estimator.acknowledged(number: number, now: now)
            now += .milliseconds(1)
        }
        return now
    }

    @Test(arguments: [1e6, 1e8]) func aChangeShowsAfterAFewTransfers(bytesPerS: Double) throws {
        var estimator = LinkEstimator()
        let before = transfer(&estimator, 9, bytesPerS: 1e7, from: .zero)
        _ = transfer(&estimator, LinkEstimator.changedSamples, bytesPerS: bytesPerS, from: before)
        let bandwidth = try #require(estimator.bandwidthBytesPerS)
        #expect(abs(bandwidth - bytesPerS) < 0.05 * bytesPerS)
    }

    @Test func oneDisturbedTransferLeavesTheLinkInDoubtAndTheFigureAsItWas() throws {
        var estimator = LinkEstimator()
        let before = transfer(&estimator, 9, bytesPerS: 1e7, from: .zero)
        #expect(!estimator.isInDoubt)
        _ = transfer(&estimator, 1, bytesPerS: 1e6, from: before)
        #expect(estimator.isInDoubt)
        #expect(abs(try #require(estimator.bandwidthBytesPerS) - 1e7) < 1e6)
    }

    @Test func whatWasOnItsWayOverALostConnectionIsNotWaitedFor() {
        var estimator = LinkEstimator()
        estimator.sent(number: 1, bytes: 100, now: .zero)
        #expect(!estimator.isWaiting)
        estimator.sent(number: 2, bytes: 100_000, now: .zero)
        #expect(estimator.isWaiting)
        estimator.disconnected()
        #expect(!estimator.isWaiting)
    }
}
