/// How long to leave a plan alone after searches that found nothing better.
///
/// Figures of links that nobody uses, measured beside other work, never stand still. Each of them might allow a better
/// plan, but a search costs the leader's board, and where the last ones were in vain the next can wait a little longer.
/// What may hurt the plan in force waits for nothing (`ReplanReason.isOpportunity`).
struct SearchPause: Sendable {
    static let shortest: Duration = .seconds(1)
    static let longest: Duration = .seconds(32)

    private var inVain = 0
    private var last: Duration?

    /// A search for opportunities alone kept the plan in force.
    mutating func foundNothing(now: Duration) {
        if let last, now - last > Self.longest * 4 { inVain = 0 }
        inVain += 1
        last = now
    }

    /// A plan was taken: the next figures may be worth as much.
    mutating func foundSomething() { self = SearchPause() }

    /// When the next search for opportunities alone may start; zero where it may at once.
    var earliest: Duration {
        guard let last, inVain > 0 else { return .zero }
        return last + min(Self.longest, Self.shortest * (1 << min(inVain - 1, 16)))
    }
}
