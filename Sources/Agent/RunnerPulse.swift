import Synchronization

/// Whether a runner still lives, by the reports that it gives every second. Pure.
///
/// Looks are counted, not time: an agent that was itself stopped for a while has not looked, and blames nobody.
package struct RunnerPulse: Sendable {
    /// Between two looks.
    package static let period: Duration = .seconds(1)
    /// Looks in a row without a word from the runner.
    package static let maximumSilentLooks = 10
    /// The same before its first word: its program has to be read from the disk.
    package static let maximumSilentLooksAtStart = 60

    private var silentLooks = 0
    private var hasSpoken = false

    package init() {}

    package mutating func heard() {
        silentLooks = 0
        hasSpoken = true
    }

    /// - Returns: true once the runner has to be taken for dead.
    package mutating func look() -> Bool {
        silentLooks += 1
        return silentLooks >= (hasSpoken ? Self.maximumSilentLooks : Self.maximumSilentLooksAtStart)
    }
}

/// A runner's pulse between those who hear it and those who look.
final class WatchedPulse: Sendable {
    private struct State {
        var pulse = RunnerPulse()
        /// What it said waits for the agent: it is not the runner that is slow.
        var isHeldUp = false
        var isDead = false
    }

    private let state = Mutex(State())

    /// It was given up for its silence.
    var isDead: Bool { state.withLock { $0.isDead } }

    func heard() { state.withLock { $0.pulse.heard() } }

    func holdUp(_ isHeldUp: Bool) {
        state.withLock { state in
            state.isHeldUp = isHeldUp
            state.pulse.heard()
        }
    }

    /// - Returns: true the first time that it has to be taken for dead.
    func look() -> Bool {
        state.withLock { state in
            guard !state.isHeldUp, !state.isDead, state.pulse.look() else { return false }
            state.isDead = true
            return true
        }
    }
}
