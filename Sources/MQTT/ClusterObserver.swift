import Cluster
import Costs
import Glibc

/// Follows a cluster from outside: a client that first brings what the broker has retained, then what happens.
public struct ClusterObserver: Sendable {
    public enum Observation: Sendable, Equatable {
        /// Everything retained has arrived; said once for each connection.
        case caughtUp
        case changed(ObservedCluster.Change)
        case reply(ReplanReply)
        /// A payload or a size that does not belong there, as a sentence.
        case problem(String)
        case disconnected(reason: String)
    }

    /// Observations that wait for a slow reader; later ones are lost.
    public static let maximumWaiting = 16_384

    public let client: MQTTClient
    /// Names this client in reply topics.
    public let clientName: String
    public let cluster: String
    private let events: AsyncStream<MQTTEvent>

    /// Connects; nothing is waited for.
    ///
    /// - Parameters:
    ///   - purpose: the beginning of the client's name at the broker.
    ///   - filters: what is followed; nil: ``Topic/watchFilters(in:)``.
    /// - Throws: `TopicError` for a bad cluster name, `MQTTError` where the system gives no thread.
    public init(broker: BrokerAddress, cluster: String, purpose: String, filters: [String]? = nil) throws {
        self.cluster = cluster
        clientName = "\(purpose)-\(getpid())-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
        let (events, continuation) = AsyncStream.makeStream(
            of: MQTTEvent.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
        self.events = events
        let filters = try filters ?? Topic.watchFilters(in: cluster)
        client = try MQTTClient(MQTTSettings(host: broker.host, port: broker.port, clientID: clientName)) { event in
            continuation.yield(event)
            if event == .stopped { continuation.finish() }
        }
        // At most once: the broker then sends all retained messages at once, without waiting for us in between.
        for filter in filters { try client.subscribe(filter, qualityOfService: .atMostOnce) }
        try client.subscribe(try replyTopic(verb: Topic.replan))
        try client.subscribe(try replyTopic(verb: Self.marker), qualityOfService: .atMostOnce)
    }

    /// The verb of the message that an observer sends to itself: a broker delivers in order, so what was retained
    /// has arrived when the marker has.
    private static let marker = "marker"

    /// Where answers for this client arrive.
    public func replyTopic(verb: String) throws -> String {
        try Topic.commandReply(verb: verb, client: clientName).text(in: cluster)
    }

    /// Hands over what is observed, in order, until the body returns a value or the stream ends.
    ///
    /// - Parameter body: gets each observation with the cluster as known after it; a value ends the run.
    /// - Returns: the body's value; nil where `deadline` passed before. The client is stopped then.
    public func run<Result: Sendable>(
        until deadline: ContinuousClock.Instant? = nil,
        _ body: (Observation, ObservedCluster) async throws -> Result?
    ) async throws -> Result? {
        let timer = Task { [client] in
            guard let deadline else { return }
            try await Task.sleep(until: deadline)
            await client.stop()
        }
        defer { timer.cancel() }
        do {
            let result = try await follow(body)
            await client.stop()
            return result
        } catch {
            await client.stop()
            throw error
        }
    }

    private func follow<Result>(
        _ body: (Observation, ObservedCluster) async throws -> Result?
    ) async throws -> Result? {
        let markerTopic = try replyTopic(verb: Self.marker)
        var known = ObservedCluster()
        for await event in events {
            let observation: Observation?
            switch event {
            case .connected:
                // A broker that was restarted knows nothing; what we know is kept, as the design asks.
                observation = nil
            case .subscribed(markerTopic):
                try? client.publish(markerTopic, "{}", qualityOfService: .atMostOnce)
                observation = nil
            case .message(markerTopic, _, _): observation = .caughtUp
            case .message(let topic, let payload, _): observation = observe(topic, payload, &known)
            case .oversized(let topic, let bytes, let limit):
                observation = .problem(
                    PayloadError(topic: topic, problem: "\(bytes) bytes, at most \(limit) are read").description)
            case .disconnected(let reason): observation = .disconnected(reason: reason)
            case .subscriptionRefused(let filter): observation = .problem("the broker refuses to send \(filter)")
            case .undeliverable(let topic, let reason): observation = .problem("\(topic) was not sent: \(reason)")
            case .subscribed, .stopped: observation = nil
            }
            if let observation, let result = try await body(observation, known) { return result }
        }
        return nil
    }

    private func observe(_ topic: String, _ payload: [UInt8], _ known: inout ObservedCluster) -> Observation? {
        do {
            let message = try InboundMessage(topic: topic, payload: payload, in: cluster)
            if case .replanReply(let reply) = message { return .reply(reply) }
            return known.apply(message).map(Observation.changed)
        } catch {
            return .problem(error.description)
        }
    }
}

extension ClusterObserver {
    /// Why a cluster could not be seen.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case broker(String)
        case silentBroker(BrokerAddress, after: Duration)

        public var description: String {
            switch self {
            case .broker(let sentence): sentence
            case .silentBroker(let broker, let wait): "the broker at \(broker) said nothing within \(wait)"
            }
        }
    }

    /// What the broker knows of a cluster now.
    ///
    /// - Parameter metricsWait: how long after that to wait for what the boards of the plans in force measure.
    /// - Throws: `Failure` without a broker; see also `init`.
    public static func snapshot(
        broker: BrokerAddress, cluster: String, within wait: Duration = .seconds(5), filters: [String]? = nil,
        metricsWait: Duration? = nil
    ) async throws -> (cluster: ObservedCluster, problems: [String]) {
        let filters = try filters ?? Topic.watchFilters(in: cluster, withMetrics: metricsWait != nil)
        let observer = try ClusterObserver(
            broker: broker, cluster: cluster, purpose: "lamella-status", filters: filters)
        let problems = BoundedSentences()
        let timer = DeadlineTimer(observer.client)
        var latest: ObservedCluster?
        let seen: ObservedCluster? = try await observer.run(until: .now + wait) { observation, known in
            if latest != nil { latest = known }
            switch observation {
            case .caughtUp:
                guard let metricsWait, !known.measures else { return known }
                if latest == nil { await timer.start(metricsWait) }
                latest = known
            case .changed(.metrics) where latest != nil && known.measures: return known
            case .disconnected(let reason): throw Failure.broker(reason)
            case .problem(let sentence): await problems.add(sentence)
            case .changed, .reply: break
            }
            return nil
        }
        await timer.cancel()
        guard let seen = seen ?? latest else { throw Failure.silentBroker(broker, after: wait) }
        return (seen, await problems.all)
    }
}

/// The first sentences of many.
private actor BoundedSentences {
    static let maximum = 64
    private(set) var all: [String] = []

    func add(_ sentence: String) {
        if all.count < Self.maximum { all.append(sentence) }
    }
}

/// Stops a client after a while.
private actor DeadlineTimer {
    private let client: MQTTClient
    private var task: Task<Void, Never>?

    init(_ client: MQTTClient) { self.client = client }

    func start(_ wait: Duration) {
        task = Task { [client] in
            do { try await Task.sleep(for: wait) } catch { return }
            await client.stop()
        }
    }

    func cancel() { task?.cancel() }
}

extension ObservedCluster {
    /// Did every live board with a part in a plan say what it measures?
    var measures: Bool {
        plans.flatMap(\.participants).allSatisfy { node in
            guard let board = board(node), board.state != .offline else { return true }
            return board.metrics != nil
        }
    }
}
