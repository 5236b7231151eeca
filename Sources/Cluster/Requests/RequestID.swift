/// Names a request; chosen by the client or by the front door. The same name is the same request.
public struct RequestID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let name: String

    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { self.init(value) }
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public var description: String { name }

    public static func < (left: RequestID, right: RequestID) -> Bool { left.name < right.name }
}

/// Why a request was not taken.
public enum RequestRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case full(limit: Int)
    /// The same request waits or runs already; its answer goes to whoever asked first.
    case open
    /// The same request was answered before.
    case answered
    /// The same request failed before.
    case failed

    public var description: String {
        switch self {
        case .full(let limit): "the request was refused: \(limit) requests are open, the limit; try again later"
        case .open: "the request was refused: one of the same id is under way"
        case .answered: "the request was refused: one of the same id was answered before"
        case .failed: "the request was refused: one of the same id failed before; use another id"
        }
    }
}

/// Why an accepted request has no result.
public enum RequestFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case noPlan(attempts: Int)
    case noResult(plan: PlanID, attempts: Int)
    case tooManyAttempts(limit: Int, lastReason: String)
    case rejected(reason: String)

    public var description: String {
        switch self {
        case .noPlan(let attempts):
            "the request failed: its deadline passed while no plan was in force (attempts so far: \(attempts))"
        case .noResult(let plan, let attempts):
            "the request failed: its deadline passed without a result under plan \(plan) (attempt \(attempts))"
        case .tooManyAttempts(let limit, let lastReason):
            "the request failed: it was tried \(limit) times, the limit; the last time: \(lastReason)"
        case .rejected(let reason): "the request failed: \(reason)"
        }
    }
}
