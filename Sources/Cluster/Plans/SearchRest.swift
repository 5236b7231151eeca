import Costs

/// How long a leader rests after long searches.
///
/// A search for ways to share operators may take a small board many seconds, in which its own part of requests is the
/// slower. What changed in between then waits, for all models; a part of the plan in force that was lost, and a person
/// who asks, do not (`ReplanReason.canWait`).
struct SearchRest: Sendable {
    /// Searches of up to this time cost nothing worth a rest.
    static let shortSearchS = 0.5
    /// Rest after a longer one, in times of what it took.
    static let restsPerSearch = 9.0
    static let longestRestS = 60.0

    /// When a search may start whose reasons can wait.
    private(set) var until: Duration = .zero

    /// - Parameter tookS: seconds that the solver computed.
    mutating func searched(for tookS: Double, now: Duration) {
        guard tookS.isFinite else { return }
        let restS = tookS > Self.shortSearchS ? min(Self.longestRestS, tookS * Self.restsPerSearch) : 0
        until = max(until, now + .nanoseconds(Int64(restS * 1e9)))
    }
}
