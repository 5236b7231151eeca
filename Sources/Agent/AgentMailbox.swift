import Synchronization

/// The queue in front of the agent's loop. What must not be lost never is; what may be is bounded here.
///
/// Messages of the broker come at the pace of whoever publishes, so only a limited number of them waits: a refused one
/// is made good by gossip, as one is that the network lost. Everything else is let through, because what it comes
/// from is bounded:
/// - reports of the runner and changes to models wait for room (`postWhenRoom`), which holds up the runner's pipe and
///   the client's connection;
/// - ticks, news of the board, reloads and stops mean the same however often they are asked for, so that one of each
///   waits;
/// - of solves one is under way for each model, of plans that drain a few, and both answer once;
/// - the connection with the broker changes at most once in `MQTTSettings.reconnectDelay`, answers each of a handful of
///   subscriptions once, and gives back no more than `MQTTSettings.maximumQueuedMessages` of our own messages.
package final class AgentMailbox: Sendable {
    /// Messages of the broker that may wait; with the longest payload each
    /// (`MQTTSettings.maximumPayloadBytes`) they hold 128 MiB.
    package static let maximumWaitingMessages = 512
    /// Reports and changes that may wait before those who bring further ones do.
    package static let maximumWaitingReports = 256

    /// How an event is bounded.
    fileprivate enum Bound {
        case message, report, once(Int), none
    }

    fileprivate struct State {
        var messages = 0
        var reports = 0
        /// Which of the events that need to wait only once do.
        var waiting: Set<Int> = []
        var refused = 0
        var finished = false
        /// Those who bring a report and found no room, in order.
        var hindered: [CheckedContinuation<Void, Never>] = []
    }

    /// To be read by one task.
    package let events: Events
    private let continuation: AsyncStream<AgentEvent>.Continuation
    private let state: Shared

    fileprivate final class Shared: Sendable {
        let state = Mutex(State())

        func taken(_ event: AgentEvent) {
            let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
                switch AgentMailbox.bound(of: event) {
                case .message: state.messages -= 1
                case .once(let kind): state.waiting.remove(kind)
                case .report:
                    // The place passes to the first of those who wait for one.
                    guard state.hindered.isEmpty else { return state.hindered.removeFirst() }
                    state.reports -= 1
                case .none: break
                }
                return nil
            }
            next?.resume()
        }
    }

    /// What waits, in order.
    package struct Events: AsyncSequence, Sendable {
        fileprivate let stream: AsyncStream<AgentEvent>
        fileprivate let state: Shared

        package struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate var iterator: AsyncStream<AgentEvent>.AsyncIterator
            fileprivate let state: Shared

            package mutating func next() async -> AgentEvent? {
                guard let event = await iterator.next() else { return nil }
                state.taken(event)
                return event
            }
        }

        package func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(iterator: stream.makeAsyncIterator(), state: state)
        }
    }

    package init() {
        let stream: AsyncStream<AgentEvent>
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        state = Shared()
        events = Events(stream: stream, state: state)
    }

    /// Hands an event to the loop; a message of the broker is refused where too many wait.
    package func post(_ event: AgentEvent) {
        let accepted = state.state.withLock { state in
            switch Self.bound(of: event) {
            case .message where state.messages >= Self.maximumWaitingMessages:
                state.refused += 1
                return false
            case .message: state.messages += 1
            case .once(let kind): return state.waiting.insert(kind).inserted
            case .report: state.reports += 1
            case .none: break
            }
            return true
        }
        if accepted { continuation.yield(event) }
    }

    /// Hands a report or a change to the loop, and first waits where many wait already.
    package func postWhenRoom(_ event: AgentEvent) async {
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let passes = state.state.withLock { state in
                guard state.reports >= Self.maximumWaitingReports, !state.finished else {
                    state.reports += 1
                    return true
                }
                state.hindered.append(waiter)
                return false
            }
            if passes { waiter.resume() }
        }
        continuation.yield(event)
    }

    /// No event is taken any more, and nobody waits for room.
    package func finish() {
        continuation.finish()
        let hindered = state.state.withLock { state in
            defer { state.hindered = [] }
            state.finished = true
            return state.hindered
        }
        hindered.forEach { $0.resume() }
    }

    /// Messages refused since the last call.
    package func takeRefusedCount() -> Int {
        state.state.withLock { state in
            defer { state.refused = 0 }
            return state.refused
        }
    }

    fileprivate static func bound(of event: AgentEvent) -> Bound {
        switch event {
        // A message that was dropped for its length comes as often as somebody sends one.
        case .mqtt(.message), .mqtt(.oversized): .message
        case .runner, .modelAdded: .report
        case .tick: .once(0)
        case .reload: .once(1)
        case .stop: .once(2)
        case .boardNews: .once(3)
        case .mqtt, .solved, .drained, .requestsSettled, .boardMeasured: .none
        }
    }
}
