/// Learns bandwidth and latency of a link from transfers that happen anyway: when each frame was given to the
/// link, and when the other end's acknowledgement of it came.
///
/// Latency is half of the least round trip of small frames. A large frame that was given to an idle link takes a
/// round trip plus its transmission; one that queued behind another takes its transmission after that one's
/// acknowledgement. Transmission time gives a bandwidth sample, and the estimate is the median of the last few,
/// so that a few disturbed transfers do not move it and a real change shows after as many transfers.
/// Pure: times are durations since any fixed origin.
public struct LinkEstimator: Sendable {
    /// Frames up to this size count as round trips.
    public static let smallFrameBytes = 1024
    /// Frames from this size tell a bandwidth.
    public static let largeFrameBytes = 32 << 10
    public static let windowSamples = 9
    /// Frames on their way that are remembered; more are carried but not measured.
    public static let maximumTracked = 256

    private struct Sent: Sendable {
        var number: UInt64
        var bytes: Int
        var at: Duration
    }

    private var tracked: [Sent] = []
    private var roundTrips: [Double] = []
    private var bandwidths: [Double] = []
    private var lastAcknowledgement: Duration?
    /// Transfers that gave a sample.
    public private(set) var count = 0

    public init() {}

    /// One way, in seconds; nil before the first round trip.
    public var latencyS: Double? { roundTrips.min().map { $0 / 2 } }

    /// Nil before the first large frame came through.
    public var bandwidthBytesPerS: Double? {
        guard !bandwidths.isEmpty else { return nil }
        let sorted = bandwidths.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

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
            keep(Self.seconds(now - sent.at), in: \.roundTrips)
            return
        }
        guard sent.bytes >= Self.largeFrameBytes else { return }
        let roundTrip = Duration.nanoseconds(Int64((roundTrips.min() ?? 0) * 1e9))
        let start = max(sent.at + roundTrip, lastAcknowledgement ?? .zero)
        let transmission = Self.seconds(now - start)
        guard transmission > 1e-6 else { return }
        keep(Double(sent.bytes) / transmission, in: \.bandwidths)
    }

    private mutating func keep(_ sample: Double, in samples: WritableKeyPath<LinkEstimator, [Double]>) {
        self[keyPath: samples].append(sample)
        if self[keyPath: samples].count > Self.windowSamples { self[keyPath: samples].removeFirst() }
        count += 1
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
