import JSON

/// Why a payload is not what its topic carries, in one sentence with topic and place.
public struct PayloadError: Error, Sendable, Equatable, CustomStringConvertible {
    public var topic: String
    /// Where in the payload, as `devices[0].flops`; empty for the whole of it.
    public var path: String
    public var problem: String

    public init(topic: String, path: String = "", problem: String) {
        self.topic = topic
        self.path = path
        self.problem = problem
    }

    /// What came from outside is shortened and cleaned, since the sentence goes to a log.
    public var description: String {
        let place = path.isEmpty ? "" : "\(TopicError.readable(path)): "
        return "payload on \(TopicError.readable(topic)): \(place)\(TopicError.readable(problem))"
    }

    init(topic: String, _ error: JSONError) {
        switch error.kind {
        case .syntax: self.init(topic: topic, problem: error.description)
        default: self.init(topic: topic, path: error.path, problem: error.problem)
        }
    }
}
