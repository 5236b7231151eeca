import Cluster
import Costs

/// How a feed behaves, with every limit by name. Times in seconds.
public struct FeedSettings: Sendable, Equatable {
    /// From one good answer to the next question.
    public var periodS = 300.0
    /// Each wait is shortened by up to this part, so that many feeds do not ask in the same second.
    public var jitter = 0.1
    /// Wait after a failed poll: doubled from the lower to the upper bound.
    public var backoffS: ClosedRange<Double> = 15...1800
    /// The longest wait that a source's `Retry-After` is granted.
    public var maximumRetryAfterS = 86_400.0
    /// How long the last known value goes on being published as valid after its own period ended.
    public var holdS = 7200.0
    /// How far into the future what is published as forecast reaches.
    public var forecastS = 86_400.0
    /// A value that begins later than this after the machine's clock is refused; boards do the same.
    public var futureToleranceS = CarbonBook.clockTolerance.inSeconds
    /// Boards call a value stale when this many periods passed without a word.
    public var freshPeriods = 3.0

    /// Zones of one feed.
    public static let maximumZones = 64
    public static let shortestPeriodS = 1.0
    public static let longestPeriodS = 86_400.0

    public init() {}
}
