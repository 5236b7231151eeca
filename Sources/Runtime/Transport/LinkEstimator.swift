/// Learns bandwidth and latency of a link from transfers that happen anyway: when each frame was given to the
/// link, and when the other end's acknowledgement of it came.
///
/// Latency is half of the least round trip of small frames. A frame that was given to an idle link takes a
/// round trip plus its transmission; one that queued behind another takes its transmission after that one's
/// acknowledgement. Transmission time gives a bandwidth sample, and the estimate is the median of the last few,
/// so that a few disturbed transfers do not move it and a real change shows after as many transfers.
/// Pure: times are durations since any fixed origin.
public struct LinkEstimator: Sendable {
    /// Frames up to this size count as round trips.
    public static let smallFrameBytes = 1024
    /// Frames from this size tell a bandwidth, however fast the link is; a smaller one tells it where the link is so
    /// slow that its transmission outlasts a round trip.
    public static let largeFrameBytes = 32 << 10
    public static let windowSamples = 9
    /// Frames on their way that are remembered; more are carried but not measured.
    public static let maximumTracked = 256
    /// Samples that differ by more than this part, all to the same side, are no disturbance ...
    public static let changedPart = 0.25
    /// ... when they are so many in a row: what was before them is forgotten.
    public static let changedSamples = 3

    private struct Sent: Sendable {
        var number: UInt64
        var bytes: Int
        var at: Duration
    }

    /// A frame that came through and tells a bandwidth.
    private struct Transfer: Sendable {
        var bytes: Int
        var sentAt: Duration
        var acknowledgedAt: Duration
        /// When the link had finished what was given to it before.
        var previousAt: Duration

        func transmissionS(roundTrip: Duration) -> Double {
            (acknowledgedAt - max(sentAt + roundTrip, previousAt)).inSeconds
        }
    }

    private var tracked: [Sent] = []
    private var roundTrips: [Double] = []
    private var transfers: [Transfer] = []
    private var lastAcknowledgement: Duration?
    /// When a transfer last told a bandwidth; nil before the first.
    public private(set) var measuredAt: Duration?
    /// Transfers that gave a sample.
    public private(set) var count = 0

    public init() {}

    /// One way, in seconds; nil before the first round trip.
    public var latencyS: Double? { roundTrips.min().map { $0 / 2 } }

    /// Nil before the first frame that tells it came through.
    ///
    /// Computed anew from the transfers each time, so that a better round trip also corrects what came before it.
    public var bandwidthBytesPerS: Double? { Self.median(samples) }

    /// The last transfer was unlike those before it: a disturbance or a change, which further ones will tell.
    public var isInDoubt: Bool {
        guard let last = samples.last, let bandwidth = bandwidthBytesPerS else { return false }
        return abs(last - bandwidth) > Self.changedPart * bandwidth
    }

    /// Is the acknowledgement of a frame awaited that loads the link?
    public var isWaiting: Bool { tracked.contains { $0.bytes > Self.smallFrameBytes } }

    private var samples: [Double] {
        let roundTrip = Duration.nanoseconds(Int64((roundTrips.min() ?? 0) * 1e9))
        return transfers.compactMap { transfer -> Double? in
            let transmission = transfer.transmissionS(roundTrip: roundTrip)
            return transmission > 1e-6 ? Double(transfer.bytes) / transmission : nil
        }
    }

    private static func median(_ values: some Collection<Double>) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Waiting for a median to follow takes half a window; some samples in a row say it sooner.
    private mutating func forgetBeforeChange() {
        let samples = samples
        guard samples.count == transfers.count, samples.count > Self.changedSamples,
            let before = Self.median(samples.dropLast(Self.changedSamples))
        else { return }
        let latest = samples.suffix(Self.changedSamples)
        let low = latest.allSatisfy { $0 < before * (1 - Self.changedPart) }
        let high = latest.allSatisfy { $0 > before * (1 + Self.changedPart) }
        if low || high { transfers.removeFirst(transfers.count - Self.changedSamples) }
    }

    /// The connection is gone: acknowledgements of what was on its way never come.
    public mutating func disconnected() { tracked = [] }

    /// A frame was given to the link.
    public mutating func sent(number: UInt64, bytes: Int, now: Duration) {
        guard tracked.count < Self.maximumTracked else { return }
        tracked.append(Sent(number: number, bytes: bytes, at: now))
    }

    /// The acknowledgement of a frame came. Numbers that were not sent are ignored.
    public mutating func acknowledged(number: UInt64, now: Duration) {
        guard let index = tracked.firstIndex(where: { $0.number == number }) else { return }
        let sent = tracked.remove(at: index)
        defer { lastAcknowledgement = now }
        if sent.bytes <= Self.smallFrameBytes {
            // Behind another frame it waited for that one: no round trip of the link alone.
            guard lastAcknowledgement.map({ $0 <= sent.at }) ?? true, index == 0 else { return }
            roundTrips.append((now - sent.at).inSeconds)
            if roundTrips.count > Self.windowSamples { roundTrips.removeFirst() }
            count += 1
            return
        }
        let transfer = Transfer(
            bytes: sent.bytes, sentAt: sent.at, acknowledgedAt: now, previousAt: lastAcknowledgement ?? .zero)
        if sent.bytes < Self.largeFrameBytes {
            guard let roundTrip = roundTrips.min(),
                transfer.transmissionS(roundTrip: .nanoseconds(Int64(roundTrip * 1e9))) >= roundTrip
            else { return }
        }
        transfers.append(transfer)
        if transfers.count > Self.windowSamples { transfers.removeFirst() }
        measuredAt = now
        forgetBeforeChange()
        count += 1
    }
}
