@preconcurrency import Dispatch
import Glibc

/// Turns the signals that a daemon is sent into calls.
final class Signals: Sendable {
    private let sources: [any DispatchSourceSignal]

    init(onStop: @escaping @Sendable () -> Void, onReload: @escaping @Sendable () -> Void = {}) {
        let queue = DispatchQueue(label: "lamella.signals")
        sources = [(SIGTERM, onStop), (SIGINT, onStop), (SIGHUP, onReload)].map { number, call in
            // The default action would end the process before the source is told.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: call)
            source.resume()
            return source
        }
    }

    func ignore() { sources.forEach { $0.cancel() } }
}
