/// Time since this process first asked, on a clock that never steps; what the state machines call `now`.
public enum MonotonicTime {
    private static let origin = ContinuousClock.now

    public static var now: Duration { origin.duration(to: .now) }
}
