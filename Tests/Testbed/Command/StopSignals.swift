@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM, as something to wait for.
final class StopSignals: Sendable {
    private struct State {
        var isRaised = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    private let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "lamella-testbed.signals")
        state = Mutex(State())
        sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            // The default action would end the process before the source is told.
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            source.setEventHandler { [weak self] in self?.raise() }
            source.resume()
        }
    }

    var isRaised: Bool { state.withLock { $0.isRaised } }

    private func raise() {
        let actions = state.withLock { state in
            defer { state.actions = [] }
            state.isRaised = true
            return state.actions
        }
        actions.forEach { $0() }
    }

    /// Calls the action at the first signal, at once if there was one.
    func onStop(_ action: @escaping @Sendable () -> Void) {
        let now = state.withLock { state in
            if !state.isRaised { state.actions.append(action) }
            return state.isRaised
        }
        if now { action() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in onStop { continuation.resume() } }
    }
}
