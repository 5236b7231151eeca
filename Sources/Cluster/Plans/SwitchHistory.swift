/// When a model's plan was changed for reasons that could have waited.
///
/// A link that flaps or a grid that swings would move layers to and fro with it, and each move takes more than it
/// saves. So such changes are few within a window of time (`ReplanPolicy.switchesPerWindow`), however much each of
/// them would save; what cannot wait is never held up.
struct SwitchHistory: Sendable {
    /// The latest, in order; no more than a window may have.
    private var times: [Duration] = []

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
