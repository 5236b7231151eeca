import CMosquitto
import Glibc

/// The client's thread: connects, moves bytes, waits, connects again.
///
/// Each connection gets a fresh instance of libmosquitto, so nothing of an old one can be sent again in a new one.
final class MQTTLoop {
    private let settings: MQTTSettings
    private let outbox: MQTTOutbox
    private let onEvent: MQTTClient.Handler

    init(settings: MQTTSettings, outbox: MQTTOutbox, onEvent: @escaping MQTTClient.Handler) {
        self.settings = settings
        self.outbox = outbox
        self.onEvent = onEvent
    }

    func run() {
        var delay = settings.reconnectDelay.lowerBound
        while outbox.stopRequest == nil {
            let connection = MQTTConnection(settings: settings, outbox: outbox, onEvent: onEvent)
            let start = ContinuousClock.now
            let reason = connection.run()
            outbox.setDisconnected()
            guard outbox.stopRequest == nil else { break }
            onEvent(.disconnected(reason: reason))
            if connection.wasAccepted, start.duration(to: .now) >= settings.stableAfter {
                delay = settings.reconnectDelay.lowerBound
            }
            wait(delay)
            delay = min(delay * 2, settings.reconnectDelay.upperBound)
        }
        onEvent(.stopped)
        outbox.setEnded()
    }

    /// Waits, unless the client is stopped meanwhile.
    private func wait(_ delay: Duration) {
        let deadline = ContinuousClock.now + delay
        while outbox.stopRequest == nil {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return }
            var descriptor = pollfd(fd: outbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, left.pollMilliseconds) > 0 { outbox.clearWake() }
        }
    }
}

extension Duration {
    /// Rounded up, so that a wait never ends before its time, and bounded for `poll`.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(max(0, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
