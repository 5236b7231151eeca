/// Emulates a slow link: says when bytes that are sent now would have arrived at the other end.
///
/// A link of the given bandwidth carries one thing after another, and what has left arrives a latency later.
/// Pure: times are durations since any fixed origin.
public struct LinkPacer: Sendable, Equatable {
    public private(set) var bandwidthBytesPerS: Double
    public private(set) var latency: Duration
    /// When the link has carried all that was given to it.
    private var free = Duration.zero
    private var lastArrival = Duration.zero

    /// - Parameters: a bandwidth that is not positive and finite means: no limit.
    public init(bandwidthBytesPerS: Double, latencyS: Double) {
        self.bandwidthBytesPerS = bandwidthBytesPerS
        latency = Self.duration(seconds: latencyS)
    }

    /// Changes the link's figures; what is on its way is not hurried, and nothing overtakes it.
    public mutating func set(bandwidthBytesPerS: Double, latencyS: Double) {
        self.bandwidthBytesPerS = bandwidthBytesPerS
        latency = Self.duration(seconds: latencyS)
    }

    /// When the last of these bytes arrives, if they are given to the link now.
    public mutating func arrival(of bytes: Int, now: Duration) -> Duration {
        let start = max(now, free)
        let limited = bandwidthBytesPerS.isFinite && bandwidthBytesPerS > 0
        free = start + (limited ? Self.duration(seconds: Double(bytes) / bandwidthBytesPerS) : .zero)
        lastArrival = max(lastArrival, free + latency)
        return lastArrival
    }

    private static func duration(seconds: Double) -> Duration {
        // A year bounds what a tiny bandwidth can ask for, so that times stay within their type.
        guard seconds.isFinite, seconds > 0 else { return .zero }
        return .nanoseconds(Int64(min(seconds, 31_536_000) * 1e9))
    }
}
