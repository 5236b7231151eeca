/// Rules for what stands between two slashes of a topic.
public enum TopicName {
    /// Longest name in bytes; topics stay far below MQTT's 65,535 bytes.
    public static let maximumBytes = 128

    /// Why a name cannot be part of a topic, as the end of a sentence; nil where it can.
    public static func problem(with name: String) -> String? {
        if name.isEmpty { return "a name must not be empty" }
        if name.utf8.count > maximumBytes { return "a name has at most \(maximumBytes) bytes" }
        for scalar in name.unicodeScalars {
            switch scalar {
            case "/", "+", "#": return "a name must not contain '\(scalar)'"
            case "\0": return "a name must not contain a NUL character"
            case _ where scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint:
                return "a name must not contain control characters"
            default: break
            }
        }
        return nil
    }
}

/// Why a text is no topic of ours.
public struct TopicError: Error, Sendable, Equatable, CustomStringConvertible {
    public var topic: String
    public var problem: String

    public init(topic: String, problem: String) {
        self.topic = topic
        self.problem = problem
    }

    /// The topic is shortened and cleaned, since it comes from outside and goes to a log.
    public var description: String { "topic '\(TopicError.readable(topic))': \(problem)" }

    static func readable(_ text: String) -> String {
        let limit = 200
        let clean = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(limit).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
        return text.unicodeScalars.count > limit ? clean + "..." : clean
    }
}
