/// Cuts a stream of bytes into lines of bounded length.
///
/// A line that is longer than the limit is reported once and skipped up to its end, so that what follows is read
/// as if nothing had happened and memory stays bounded.
public struct LineSplitter: Sendable {
    public enum Output: Sendable, Equatable {
        /// A line without its newline.
        case line([UInt8])
        case tooLong(limitBytes: Int)
    }

    public let maximumLineBytes: Int
    private var pending: [UInt8] = []
    private var skipping = false

    public init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

    /// Takes the next bytes of the stream and returns the lines that they complete.
    public mutating func push(_ bytes: some Collection<UInt8>) -> [Output] {
        var outputs: [Output] = []
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<newline], to: &outputs)
            if !skipping { outputs.append(.line(pending)) }
            pending = []
            skipping = false
            rest = rest[rest.index(after: newline)...]
        }
        append(rest, to: &outputs)
        return outputs
    }

    /// Ends the stream: what follows the last newline, if anything does.
    public mutating func finish() -> [Output] {
        defer {
            pending = []
            skipping = false
        }
        return pending.isEmpty ? [] : [.line(pending)]
    }

    private mutating func append(_ part: some Collection<UInt8>, to outputs: inout [Output]) {
        guard !skipping else { return }
        if part.count > maximumLineBytes - pending.count {
            pending = []
            skipping = true
            outputs.append(.tooLong(limitBytes: maximumLineBytes))
        } else {
            pending.append(contentsOf: part)
        }
    }
}
