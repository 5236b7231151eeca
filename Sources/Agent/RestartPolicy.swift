/// How long to wait before a child that ended is started again: twice as long after each failure, up to a maximum,
/// and from the start again once a child has stayed up for a while.
///
/// A value without a clock: `now` is a duration since any fixed origin.
public struct RestartPolicy: Sendable, Equatable {
    public let firstDelay: Duration
    public let maximumDelay: Duration
    /// A child that ran for this long has shown that it works: its end is counted as the first failure.
    public let stableAfter: Duration
    /// Children in a row that ended before they were stable.
    public private(set) var failures = 0
    private var startedAt: Duration?

    public init(
        firstDelay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(30),
        stableAfter: Duration = .seconds(60)
    ) {
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.stableAfter = stableAfter
    }

    public mutating func started(now: Duration) { startedAt = now }

    /// A child ended, or could not be started: how long to wait before the next one.
    public mutating func ended(now: Duration) -> Duration {
        if let startedAt, now - startedAt >= stableAfter { failures = 0 }
        startedAt = nil
        failures += 1
        var delay = firstDelay
        for _ in 1..<max(failures, 1) {
            delay = delay * 2
            if delay >= maximumDelay { return maximumDelay }
        }
        return min(delay, maximumDelay)
    }
}
