import Cluster
import Costs
import Glibc
import MQTT
import Synchronization

/// Runs a feed: tells it the time, the answers and the broker's events, and does what it wants done.
///
/// What was published stays with the broker when a feed ends, and becomes stale and unknown by its own times.
public final class FeedDriver: Sendable {
    /// Where records go; nil of it: they are only shown.
    public struct Broker: Sendable {
        public var address: BrokerAddress
        public var cluster: String

        public init(address: BrokerAddress, cluster: String) {
            self.address = address
            self.cluster = cluster
        }
    }

    /// Events that wait for the feed; more are dropped.
    public static let maximumWaiting = 1024

    private enum Event: Sendable {
        case input(FeedInput)
        case stop
    }

    private let zones: [String]
    private let broker: Broker?
    private let poller: FeedPoller?
    private let report: @Sendable (FeedNotice) -> Void
    private let show: @Sendable (ZoneCarbon) -> Void
    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let timer = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - poller: nil for a feed that never asks.
    ///   - report: gets each line for people.
    ///   - show: gets each record that is published, or would be.
    public init(
        zones: [String], broker: Broker?, poller: FeedPoller?, report: @escaping @Sendable (FeedNotice) -> Void,
        show: @escaping @Sendable (ZoneCarbon) -> Void = { _ in }
    ) {
        self.zones = zones
        self.broker = broker
        self.poller = poller
        self.report = report
        self.show = show
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    /// Ends the run soon, from any thread; safe to call again.
    public func stop() {
        poller?.stop()
        continuation.yield(.stop)
    }

    /// Runs the feed until it is done or stopped.
    ///
    /// - Returns: how it ended; nil where it was stopped.
    /// - Throws: `TopicError` for a name that no topic can hold, `MQTTError` where the system gives no thread.
    public func run(_ machine: any FeedMachine) async throws -> FeedOutcome? {
        let client = try broker.map { try connect($0) }
        defer { timer.withLock { $0?.cancel() } }
        var machine = machine
        let origin = ContinuousClock.now
        continuation.yield(.input(.start))
        var outcome: FeedOutcome?
        loop: for await event in events {
            guard case .input(let input) = event else { break }
            let effects = machine.handle(input, now: origin.duration(to: .now), wallS: FeedClock.wallS)
            for effect in effects {
                switch effect {
                case .ask(let zone): ask(zone)
                case .publish(let record): try publish(record, client)
                case .say(let notice): report(notice)
                case .finish(let how):
                    outcome = how
                    break loop
                }
            }
            wake(machine.nextWake.map { origin + $0 })
        }
        // Sends what is still queued.
        await client?.stop()
        return outcome
    }

    private func connect(_ broker: Broker) throws -> MQTTClient {
        let name = "lamella-carbon-\(getpid())-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
        let cluster = broker.cluster
        let continuation = continuation
        let report = report
        let client = try MQTTClient(
            MQTTSettings(host: broker.address.host, port: broker.address.port, clientID: name)
        ) { event in
            switch event {
            case .connected: continuation.yield(.input(.connected))
            case .disconnected(let reason): continuation.yield(.input(.disconnected(reason: reason)))
            case .message(let topic, let payload, _):
                // What is no record is the boards' concern, which name it.
                let message = try? InboundMessage(topic: topic, payload: payload, in: cluster)
                if case .zoneCarbon(let record) = message { continuation.yield(.input(.heard(record))) }
            case .undeliverable(let topic, let reason):
                report(FeedNotice(.warning, "\(topic) was not sent: \(reason)"))
            case .subscriptionRefused(let filter):
                report(FeedNotice(.warning, "the broker refuses to send \(filter)"))
            case .subscribed, .oversized, .stopped: break
            }
        }
        for zone in zones { try client.subscribe(try Topic.zoneCarbon(zone).text(in: cluster)) }
        return client
    }

    private func publish(_ record: ZoneCarbon, _ client: MQTTClient?) throws {
        show(record)
        guard let client, let broker else { return }
        do {
            try client.publish(try OutboundMessage.zoneCarbon(record).publication(in: broker.cluster))
        } catch let error as MQTTError {
            // The feed publishes it again when the broker is back.
            report(FeedNotice(.warning, zone: record.zone, error.description))
        }
    }

    private func ask(_ zone: String) {
        guard let poller else { return }
        let continuation = continuation
        OwnThread.start { continuation.yield(.input(.answered(zone: zone, poller.poll(zone)))) }
    }

    private func wake(_ at: ContinuousClock.Instant?) {
        let continuation = continuation
        let task = at.map { at in
            Task {
                // Cancelled: another wake was set.
                guard (try? await Task.sleep(until: at, clock: .continuous)) != nil else { return }
                continuation.yield(.input(.tick))
            }
        }
        timer.withLock { timer in
            timer?.cancel()
            timer = task
        }
    }
}
