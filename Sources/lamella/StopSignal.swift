import Synchronization

/// Raised once, by Ctrl-C or SIGTERM.
final class StopSignal: Sendable {
    private struct State {
        var raised = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Calls the action when the signal is raised, at once if it has been.
    func onRaise(_ action: @escaping @Sendable () -> Void) {
        let now = state.withLock { state in
            if !state.raised { state.actions.append(action) }
            return state.raised
        }
        if now { action() }
    }

    func raise() {
        let actions = state.withLock { state in
            defer { state.actions = [] }
            state.raised = true
            return state.actions
        }
        actions.forEach { $0() }
    }

    var isRaised: Bool { state.withLock { $0.raised } }

    func wait() async {
        await withCheckedContinuation { continuation in onRaise { continuation.resume() } }
    }
}
