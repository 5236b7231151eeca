import Cluster

/// What a feed is told.
public enum FeedInput: Sendable, Equatable {
    case start
    /// Time has passed.
    case tick
    /// A poll has ended.
    case answered(zone: String, Result<FeedReading, FeedFault>)
    /// The broker takes messages; it may have forgotten everything.
    case connected
    case disconnected(reason: String)
    /// What somebody publishes about a zone, perhaps ourselves.
    case heard(ZoneCarbon)
}

/// What a feed wants done.
public enum FeedEffect: Sendable, Equatable {
    /// Poll the source. The next question comes only after this one's answer.
    case ask(zone: String)
    case publish(ZoneCarbon)
    case say(FeedNotice)
    /// All is done; nothing follows.
    case finish(FeedOutcome)
}

/// A line for people.
public struct FeedNotice: Sendable, Equatable {
    public enum Level: String, Sendable { case info, warning }

    public var level: Level
    public var zone: String?
    public var text: String

    public init(_ level: Level, zone: String? = nil, _ text: String) {
        self.level = level
        self.zone = zone
        self.text = text
    }
}

/// How a feed ended by itself.
public enum FeedOutcome: Sendable, Equatable {
    case done
    /// Some zone has nothing published; why was said.
    case incomplete
    case noBroker(reason: String)
}

/// A feed without a clock, a network or a disk: inputs in, effects out.
public protocol FeedMachine: Sendable {
    /// - Parameters:
    ///   - now: a clock that never jumps.
    ///   - wallS: the time of day in seconds since 1970.
    mutating func handle(_ input: FeedInput, now: Duration, wallS: Double) -> [FeedEffect]

    /// When it wants to be told that time has passed; nil: not before the next input.
    var nextWake: Duration? { get }
}
