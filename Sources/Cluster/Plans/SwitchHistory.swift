import Costs

/// When a model's plan was changed for reasons that could have waited.
///
/// A link that flaps or a grid that swings would move layers to and fro with it, and each move takes more than it
/// saves. So such changes are few within a window of time (`ReplanPolicy.switchesPerWindow`), however much each of
/// them would save; what cannot wait is never held up.
struct SwitchHistory: Sendable {
    /// The latest, in order; no more than a window may have.
    private var times: [Duration] = []

    init() {}

    /// What an earlier leader counted.
    ///
    /// - Parameters:
    ///   - agesS: as of `agesS(now:_:)`; what no history can have is left out.
    ///   - heardAt: when they were true, or later: a change is then held up for longer than need be, never for less.
    init(agesS: [Double], heardAt: Duration, _ policy: ReplanPolicy) {
        times = agesS.filter { $0 >= 0 && $0 <= policy.switchWindow.inSeconds }
            .suffix(policy.switchesPerWindow).map { heardAt - .seconds($0) }.sorted()
    }

    /// How long ago the changes within the window were, in s; the longest first, nil where there were none.
    func agesS(now: Duration, _ policy: ReplanPolicy) -> [Double]? {
        let ages = times.map { (now - $0).inSeconds }.filter { $0 <= policy.switchWindow.inSeconds }
        return ages.isEmpty ? nil : ages
    }

    mutating func switched(now: Duration, _ policy: ReplanPolicy) {
        times.append(now)
        times.removeFirst(max(0, times.count - policy.switchesPerWindow))
    }

    /// When the next change may be made; zero where it may be made at once.
    func earliest(_ policy: ReplanPolicy) -> Duration {
        guard times.count >= policy.switchesPerWindow else { return .zero }
        return times[times.count - policy.switchesPerWindow] + policy.switchWindow
    }
}
