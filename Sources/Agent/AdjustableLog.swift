import Logging
import Runtime
import Synchronization

/// The level at which a daemon logs; it may change while the daemon runs.
public final class LogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    /// - Parameter name: as in `log_level`; an unknown one counts as `info`.
    public init(_ name: String) { level = Mutex(Self.level(name)) }

    public func set(_ name: String) { level.withLock { $0 = Self.level(name) } }

    public var current: Logger.Level { level.withLock { $0 } }

    /// A logger on standard error at this level. Copies of it follow the level too.
    public func logger(label: String) -> Logger {
        Logger(label: label) { AdjustableLog(output: StreamLogHandler.standardError(label: $0), level: self) }
    }

    private static func level(_ name: String) -> Logger.Level { Logger.Level(rawValue: name) ?? .info }
}

/// Asks for the level at each message, since every part of the agent holds a copy of its logger.
private struct AdjustableLog: LogHandler {
    var output: StreamLogHandler
    let level: LogLevel

    var logLevel: Logger.Level {
        get { level.current }
        // A copy with a level of its own would not follow any more.
        set {}
    }

    var metadata: Logger.Metadata {
        get { output.metadata }
        set { output.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { output[metadataKey: key] }
        set { output[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { output.log(event: event) }
}
