/// Learns bandwidth and latency of a link from transfers that happen anyway: when each frame was given to the
/// link, and when the other end's acknowledgement of it came.
///
/// Latency is half of the least round trip of small frames. A frame that was given to an idle link takes a
/// round trip plus its transmission; one that queued behind another takes its transmission after that one's
/// acknowledgement. Transmission time gives a bandwidth sample, and the estimate is the median of the last few,
/// each weighing as much as it carried: so a few disturbed transfers do not move it, and a real change shows after as
/// many transfers.
///
/// Boards that share operators compute while they receive, and answer late for that reason alone, by up to
/// `mostDisturbance`. A transfer meanwhile only counts where no such lateness, of its own answer or of the one before,
/// makes it fit what is known. Boards that share are late in the same way with every request, so that some in a row
/// prove nothing: they are a change only where each took several times as long as any lateness, and else leave the link
/// in doubt until a transfer between boards that rest, which takes the place of what the disturbed ones said.
/// Pure: times are durations since any fixed origin.
public struct LinkEstimator: Sendable {
    /// Frames up to this size count as round trips.
    public static let smallFrameBytes = 1024
    /// Frames from this size tell a bandwidth, however fast the link is; a smaller one tells it where the link is so
    /// slow that its transmission outlasts a round trip.
    public static let largeFrameBytes = 32 << 10
    /// Frames from this size tell a bandwidth even where their transmission is lost in the round trip.
    public static let surelyLargeBytes = 256 << 10
    /// Other large frames tell one where their transmission takes this part of a round trip or more: what is less is
    /// the scheduler's whim, or a bucket that lets a burst through.
    public static let tellingPart = 0.25
    public static let windowSamples = 9
    /// Frames on their way that are remembered; more are carried but not measured.
    public static let maximumTracked = 256
    /// Samples that differ by more than this part, all to the same side, are no disturbance ...
    public static let changedPart = 0.25
    /// ... when they are so many in a row: what was before them is forgotten.
    public static let changedSamples = 3
    /// Fewer are enough where large frames take so many times as long as before: hardly anything but the link delays
    /// two of them by that.
    public static let plainlySlower = (samples: 2, times: 3.0)
    /// By so much at most does a board that computes answer late.
    public static let mostDisturbance: Duration = .milliseconds(25)
    /// What takes so long is not made by lateness alone.
    public static let longerThanDisturbance: Duration = .milliseconds(100)

    private struct Sent: Sendable {
        var number: UInt64
        var bytes: Int
        var at: Duration
        var isDisturbed: Bool
    }

    /// A frame that came through and tells a bandwidth.
    private struct Transfer: Sendable {
        var bytes: Int
        var sentAt: Duration
        var acknowledgedAt: Duration
        /// When the link had finished what was given to it before.
        var previousAt: Duration
        /// The answer waited for a board's processor, as far as is known.
        var isDisturbed: Bool

        func transmissionS(roundTrip: Duration) -> Double {
            (acknowledgedAt - max(sentAt + roundTrip, previousAt)).inSeconds
        }
    }

    private var tracked: [Sent] = []
    private var roundTrips: [Double] = []
    private var transfers: [Transfer] = []
    private var lastAcknowledgement: Duration?
    private var isLastDisturbed = false
    /// Disturbed transfers in a row that do not fit what is known, all slower or all faster.
    private var deviating: [Transfer] = []
    private var isDeviatingSlower = false
    /// Some in a row did not fit, and lateness may have made all of them.
    private var isSuspected = false
    /// When a transfer last told a bandwidth; nil before the first.
    public private(set) var measuredAt: Duration?
    /// Round trips and transfers that gave a sample.
    public private(set) var count = 0
    /// Transfers of them, which told a bandwidth.
    public private(set) var transferCount = 0
    /// How often large transfers showed another link than before. Small ones do not count: a busy board is enough to
    /// delay some of them, and who is told at once of each such moment takes the link for worse than it is.
    public private(set) var changes = 0

    public init() {}

    /// One way, in seconds; nil before the first round trip.
    public var latencyS: Double? { roundTrips.min().map { $0 / 2 } }

    /// Nil before the first frame that tells it came through.
    ///
    /// Computed anew from the transfers each time, so that a better round trip also corrects what came before it.
    ///
    /// A busy board answers a small frame late, and never early: where there are only small ones the best of them
    /// counts.
    public var bandwidthBytesPerS: Double? {
        let samples = samples
        let large = samples.filter { $0.bytes >= Self.largeFrameBytes }
        return large.isEmpty ? samples.map(\.bytesPerS).max() : Self.median(large)
    }

    /// The last transfer was unlike those before it, a disturbance or a change, or there are only a few: further ones
    /// will tell.
    public var isInDoubt: Bool {
        if isSuspected { return true }
        if (1..<Self.changedSamples).contains(transferCount) { return true }
        guard let last = samples.last, let bandwidth = bandwidthBytesPerS else { return false }
        return abs(last.bytesPerS - bandwidth) > Self.changedPart * bandwidth
    }

    /// Is the acknowledgement of a frame awaited that loads the link?
    public var isWaiting: Bool { tracked.contains { $0.bytes > Self.smallFrameBytes } }

    /// A small frame that went through at once shows that earlier ones were late for another reason than the link.
    private mutating func forgetSlower(than fast: Transfer) {
        guard fast.bytes < Self.largeFrameBytes, let roundTrip = roundTrips.min(), roundTrip > 0 else { return }
        let leastBytesPerS = Double(fast.bytes) / roundTrip
        let roundTripTime = Duration.nanoseconds(Int64(roundTrip * 1e9))
        transfers.removeAll { transfer in
            transfer.bytes < Self.largeFrameBytes
                && Double(transfer.bytes) < leastBytesPerS * transfer.transmissionS(roundTrip: roundTripTime)
        }
    }

    private func tells(_ transfer: Transfer) -> Bool {
        if transfer.bytes >= Self.surelyLargeBytes { return true }
        let isLarge = transfer.bytes >= Self.largeFrameBytes
        guard let roundTrip = roundTrips.min() else { return isLarge }
        let transmission = transfer.transmissionS(roundTrip: .nanoseconds(Int64(roundTrip * 1e9)))
        return transmission >= roundTrip * (isLarge ? Self.tellingPart : 1)
    }

    private typealias Sample = (bytesPerS: Double, bytes: Int)

    private var samples: [Sample] {
        let roundTrip = leastRoundTrip
        return transfers.compactMap { transfer in
            let transmission = transfer.transmissionS(roundTrip: roundTrip)
            return transmission > 1e-6 ? (Double(transfer.bytes) / transmission, transfer.bytes) : nil
        }
    }

    /// The rate up to which half of the bytes came; nil of nothing.
    private static func median(_ samples: some Collection<Sample>) -> Double? {
        let sorted = samples.sorted { $0.bytesPerS < $1.bytesPerS }
        let all = sorted.reduce(0) { $0 + $1.bytes }
        var below = 0
        for (index, sample) in sorted.enumerated() {
            below += sample.bytes
            if 2 * below == all { return (sample.bytesPerS + sorted[index + 1].bytesPerS) / 2 }
            if 2 * below > all { return sample.bytesPerS }
        }
        return nil
    }

    /// Waiting for a median to follow takes half a window; some samples in a row say it sooner.
    private mutating func forgetBeforeChange() {
        let samples = samples
        guard samples.count == transfers.count else { return }
        let plain = Self.plainlySlower
        for count in [Self.changedSamples, plain.samples] where samples.count > count {
            guard let before = Self.median(samples.dropLast(count)) else { continue }
            let latest = samples.suffix(count)
            // Some small frames are no word against a large one; a probe will tell.
            let carried = latest.reduce(0) { $0 + $1.bytes }
            guard samples.allSatisfy({ carried * 2 >= $0.bytes }) else { continue }
            let isChange =
                count < Self.changedSamples
                ? latest.allSatisfy { $0.bytes >= Self.largeFrameBytes && $0.bytesPerS * plain.times < before }
                : latest.allSatisfy { $0.bytesPerS < before * (1 - Self.changedPart) }
                    || latest.allSatisfy { $0.bytesPerS > before * (1 + Self.changedPart) }
            guard isChange else { continue }
            transfers.removeFirst(transfers.count - count)
            if latest.allSatisfy({ $0.bytes >= Self.largeFrameBytes }) { changes += 1 }
            return
        }
    }

    /// The connection is gone: acknowledgements of what was on its way never come.
    public mutating func disconnected() { tracked = [] }

    /// A frame was given to the link.
    ///
    /// - Parameter isDisturbed: boards share operators now: their processors may delay the answer.
    public mutating func sent(number: UInt64, bytes: Int, now: Duration, isDisturbed: Bool = false) {
        guard tracked.count < Self.maximumTracked else { return }
        tracked.append(Sent(number: number, bytes: bytes, at: now, isDisturbed: isDisturbed))
    }

    private var leastRoundTrip: Duration { .nanoseconds(Int64((roundTrips.min() ?? 0) * 1e9)) }

    private enum Verdict {
        case asKnown
        /// With its answer as late as lies in the middle between not at all and by the most.
        case slower(Transfer)
        /// With the answer before it as late as can be.
        case faster(Transfer)
    }

    /// What a disturbed transfer says against a bandwidth.
    private func verdict(_ transfer: Transfer, knownBytesPerS: Double) -> Verdict {
        let roundTrip = leastRoundTrip
        var transfer = transfer
        let shortestS = transfer.transmissionS(roundTrip: roundTrip) - Self.mostDisturbance.inSeconds
        // The answer before may have been late as well: then this one had longer than it seems.
        if isLastDisturbed { transfer.previousAt -= Self.mostDisturbance }
        let longestS = transfer.transmissionS(roundTrip: roundTrip)
        let expectedS = Double(transfer.bytes) / knownBytesPerS
        if expectedS > longestS { return .faster(transfer) }
        guard expectedS < shortestS else { return .asKnown }
        transfer.acknowledgedAt -= .nanoseconds(Int64((longestS - (longestS * shortestS).squareRoot()) * 1e9))
        return .slower(transfer)
    }

    /// Takes a transfer over that went through while boards computed.
    private mutating func addDisturbed(_ transfer: Transfer, now: Duration) {
        guard let known = bandwidthBytesPerS, known > 0 else {
            transfers.append(transfer)
            if transfers.count > Self.windowSamples { transfers.removeFirst() }
            return told(now)
        }
        switch verdict(transfer, knownBytesPerS: known) {
        case .asKnown:
            deviating = []
            return
        case .slower(let transfer): deviates(transfer, isSlower: true)
        case .faster(let transfer): deviates(transfer, isSlower: false)
        }
        guard deviating.count >= Self.changedSamples else { return }
        guard deviating.allSatisfy({ $0.acknowledgedAt - $0.sentAt >= Self.longerThanDisturbance }) else {
            deviating = []
            isSuspected = true
            return
        }
        isSuspected = false
        if deviating.allSatisfy({ $0.bytes >= Self.largeFrameBytes }) { changes += 1 }
        transfers = deviating
        deviating = []
        told(now)
    }

    private mutating func deviates(_ transfer: Transfer, isSlower: Bool) {
        if isSlower != isDeviatingSlower { deviating = [] }
        isDeviatingSlower = isSlower
        deviating.append(transfer)
    }

    private mutating func told(_ now: Duration) {
        measuredAt = now
        transferCount += 1
        count += 1
    }

    /// The acknowledgement of a frame came. Numbers that were not sent are ignored.
    ///
    /// - Parameter isDisturbed: as for ``sent(number:bytes:now:isDisturbed:)``, at this time.
    public mutating func acknowledged(number: UInt64, now: Duration, isDisturbed: Bool = false) {
        guard let index = tracked.firstIndex(where: { $0.number == number }) else { return }
        let sent = tracked.remove(at: index)
        defer {
            lastAcknowledgement = now
            isLastDisturbed = isDisturbed || sent.isDisturbed
        }
        if sent.bytes <= Self.smallFrameBytes {
            // Behind another frame it waited for that one: no round trip of the link alone.
            guard lastAcknowledgement.map({ $0 <= sent.at }) ?? true, index == 0 else { return }
            roundTrips.append((now - sent.at).inSeconds)
            if roundTrips.count > Self.windowSamples { roundTrips.removeFirst() }
            count += 1
            return
        }
        let transfer = Transfer(
            bytes: sent.bytes, sentAt: sent.at, acknowledgedAt: now, previousAt: lastAcknowledgement ?? .zero,
            isDisturbed: isDisturbed || sent.isDisturbed)
        guard tells(transfer) else {
            forgetSlower(than: transfer)
            return
        }
        if transfer.isDisturbed { return addDisturbed(transfer, now: now) }
        deviating = []
        isSuspected = false
        if transfers.contains(where: \.isDisturbed) {
            transfers.removeAll(where: \.isDisturbed)
            // What is known rests on this one alone: another look will tell.
            transferCount = 0
        }
        transfers.append(transfer)
        if transfers.count > Self.windowSamples { transfers.removeFirst() }
        forgetBeforeChange()
        told(now)
    }
}
