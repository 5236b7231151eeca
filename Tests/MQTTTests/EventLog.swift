import MQTT
import Synchronization

/// Collects a client's events; a test waits for the one it needs, in the order in which they came.
final class EventLog: Sendable {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    /// Far above what any of these takes; reached only when something is broken.
    static let patience: Duration = .seconds(30)

    private struct State {
        var events: [MQTTEvent] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// What was not taken yet.
    var all: [MQTTEvent] { state.withLock { $0.events } }

    @Sendable func append(_ event: MQTTEvent) {
        let waiter = state.withLock { state in
            state.events.append(event)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// The first result of `pick` among events not yet taken; it and those before are taken.
    func next<Found: Sendable>(
        _ what: String, _ pick: @escaping @Sendable (MQTTEvent) -> Found?
    ) async throws -> Found {
        let timer = Task {
            try await Task.sleep(for: Self.patience)
            wake()
        }
        defer { timer.cancel() }
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let found = take(pick) { return found }
            guard ContinuousClock.now < deadline else {
                throw Missing(description: "no \(what) within \(Self.patience); the last events: \(all.suffix(8))")
            }
            await arrival(after: pick)
        }
    }

    private func take<Found>(_ pick: (MQTTEvent) -> Found?) -> Found? {
        state.withLock { state in
            for (index, event) in state.events.enumerated() {
                if let found = pick(event) {
                    state.events.removeFirst(index + 1)
                    return found
                }
            }
            return nil
        }
    }

    private func arrival<Found>(after pick: @escaping @Sendable (MQTTEvent) -> Found?) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.events.contains(where: { pick($0) != nil }) { return true }
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func wake() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

extension EventLog {
    func connected() async throws {
        try await next("connection") { $0 == .connected ? () : nil }
    }

    func subscribed(_ filter: String) async throws {
        try await next("subscription to \(filter)") { $0 == .subscribed(filter: filter) ? () : nil }
    }

    func disconnected() async throws -> String {
        try await next("disconnection") { if case .disconnected(let reason) = $0 { reason } else { nil } }
    }

    /// Text and retained flag of the next message on the topic.
    func message(_ topic: String) async throws -> (text: String, retained: Bool) {
        try await next("message on \(topic)") {
            guard case .message(topic, let payload, let retained) = $0 else { return nil }
            return (String(decoding: payload, as: UTF8.self), retained)
        }
    }
}
