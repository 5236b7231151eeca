import Glibc
import Logging

/// One line for each message on standard error, for the agent's log or the journal.
public struct StandardErrorLog: LogHandler {
    let label: String
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info

    public init(label: String) { self.label = label }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let node = metadata["node"].map { " \($0)" } ?? ""
        let bytes = Array("\(event.level) \(label)\(node): \(event.message)\n".utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
