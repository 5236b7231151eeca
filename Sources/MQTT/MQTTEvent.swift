/// What happens to a client, in order. Handed over on the client's own thread.
public enum MQTTEvent: Sendable, Equatable {
    /// The broker accepted the client; it has forgotten what it was told before, if it was restarted.
    case connected
    /// The connection was lost or could not be made, with the reason as a sentence. The client tries again.
    case disconnected(reason: String)
    /// The broker confirmed a subscription. Retained messages that match it may come before or after.
    case subscribed(filter: String)
    /// The broker refused a subscription.
    case subscriptionRefused(filter: String)
    case message(topic: String, payload: [UInt8], retained: Bool)
    /// A message was longer than the client accepts, and was dropped.
    case oversized(topic: String, bytes: Int, limit: Int)
    /// A message that was queued could not be handed to the broker, with the reason as a sentence.
    case undeliverable(topic: String, reason: String)
    /// The client has ended; nothing follows.
    case stopped
}

/// Why a client does not take a message or a subscription.
public enum MQTTError: Error, Sendable, Equatable, CustomStringConvertible {
    case notConnected(topic: String)
    case stopped(topic: String)
    case queueFull(topic: String, limit: Int, unit: String)
    case payloadTooLarge(topic: String, bytes: Int, limit: Int)
    case invalidTopic(topic: String, reason: String)
    case system(String)

    public var description: String {
        switch self {
        case .notConnected(let topic): "\(topic): not published, since there is no connection to the broker"
        case .stopped(let topic): "\(topic): not published, since the client was stopped"
        case .queueFull(let topic, let limit, let unit):
            "\(topic): not published, since \(limit) \(unit) already wait for the broker"
        case .payloadTooLarge(let topic, let bytes, let limit):
            "\(topic): not published, since the payload has \(bytes) bytes and at most \(limit) are allowed"
        case .invalidTopic(let topic, let reason): "'\(topic)' is no valid topic: \(reason)"
        case .system(let sentence): sentence
        }
    }
}
