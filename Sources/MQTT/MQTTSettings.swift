/// How a client talks to its broker, with every limit by name.
public struct MQTTSettings: Sendable {
    public var host: String
    public var port: Int
    /// Unique at the broker: a second client of the same name throws out the first.
    public var clientID: String
    /// The broker publishes this when the client is gone without goodbye; `stop()` publishes it too.
    public var will: MQTTPublication?
    /// After one and a half times this without a packet, broker and client give each other up.
    public var keepAliveS = 15
    /// From the first packet to the broker's answer.
    public var connectTimeout: Duration = .seconds(5)
    /// Wait between two attempts to connect: doubled from the lower to the upper bound.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(200)...Duration.seconds(5)
    /// A connection that lasted this long was a good one: after it the wait starts at the lower bound again. (Two
    /// clients of one name throw each other out at once, and shall not do so without pause.)
    public var stableAfter: Duration = .seconds(1)
    /// For what is still to be sent when `stop()` is called.
    public var stopTimeout: Duration = .seconds(2)

    /// Messages and subscriptions that wait for the socket; more are refused.
    public var maximumQueuedMessages = 1024
    /// Sum of the payloads that wait for the socket.
    public var maximumQueuedBytes = 16 * 1024 * 1024
    /// Longest payload, in both directions.
    public var maximumPayloadBytes = 256 * 1024
    /// Messages sent but not acknowledged by the broker.
    public var maximumUnacknowledgedMessages = 20
    /// Topic filters kept for re-subscription.
    public var maximumSubscriptions = 64

    /// - Precondition: the port is 1 to 65,535.
    public init(host: String, port: Int, clientID: String, will: MQTTPublication? = nil) {
        precondition((1...65_535).contains(port), "a TCP port is 1 to 65,535")
        self.host = host
        self.port = port
        self.clientID = clientID
        self.will = will
    }
}

/// How often a message arrives: MQTT's quality of service. Exactly-once is not used; receivers drop repeats.
public enum QualityOfService: Int32, Sendable {
    case atMostOnce = 0
    case atLeastOnce = 1
}

/// A message on its way to the broker.
public struct MQTTPublication: Sendable, Equatable {
    public var topic: String
    public var payload: [UInt8]
    public var qualityOfService: QualityOfService
    public var retained: Bool

    public init(
        topic: String, payload: [UInt8], qualityOfService: QualityOfService = .atLeastOnce, retained: Bool = false
    ) {
        self.topic = topic
        self.payload = payload
        self.qualityOfService = qualityOfService
        self.retained = retained
    }

    public init(
        topic: String, text: String, qualityOfService: QualityOfService = .atLeastOnce, retained: Bool = false
    ) {
        self.init(topic: topic, payload: Array(text.utf8), qualityOfService: qualityOfService, retained: retained)
    }
}
