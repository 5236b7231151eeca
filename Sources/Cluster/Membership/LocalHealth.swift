/// How well this node itself hears: zero is healthy. Probe times are stretched by `score + 1`, so that a slow node
/// does not accuse others of its own slowness (Dadgar, Phillips, Currey: "Lifeguard", 2018, section IV-A).
public struct LocalHealth: Hashable, Sendable {
    public private(set) var score = 0
    public let maximum: Int

    public init(maximum: Int) { self.maximum = maximum }

    public mutating func probeAnswered() { score = max(0, score - 1) }

    /// A relay that was asked to probe and did not even say that the target is silent: our ear may be deaf.
    public mutating func relaysSilent(_ count: Int) { score = min(maximum, score + max(0, count)) }

    /// Somebody suspected us: we are too slow.
    public mutating func suspected() { score = min(maximum, score + 1) }

    public func stretched(_ time: Duration) -> Duration { time * (score + 1) }
}
