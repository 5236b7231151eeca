import Synchronization

/// The queue in front of the agent's loop.
///
/// A full mailbox refuses: the broker's messages may be lost anyway and are made good by gossip, and what must not
/// be lost (reports of the runner) waits for room in the pipe that it comes through.
final class AgentMailbox: Sendable {
    static let maximumEvents = 16_384

    let events: AsyncStream<AgentEvent>
    private let continuation: AsyncStream<AgentEvent>.Continuation
    private let refused = Mutex(0)

    init() {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumEvents))
    }

    /// False where the mailbox was full.
    @discardableResult
    func post(_ event: AgentEvent) -> Bool {
        if case .dropped = continuation.yield(event) {
            refused.withLock { $0 += 1 }
            return false
        }
        return true
    }

    func finish() { continuation.finish() }

    /// Events refused since the last call.
    func takeRefusedCount() -> Int {
        refused.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}
