import Costs

/// A file of traces that a measurement adds to, a row at a time, as `TraceTable` reads it.
///
/// A row is on disk when `append` returns. One process at a time: the file is locked for as long as this lives. A last
/// row without its end, which a loss of power cut off, is taken away when the file is opened. All calls block.
public final class TraceLog {
    public let path: String
    /// The rows' features that stood in the file when it was opened.
    public let rows: Set<[Double]>
    private let kind: TraceKind
    private let file: GrowingFile

    /// Opens the file, and makes it where there is none.
    ///
    /// - Parameter comment: the first line of a new file, without its `#`.
    /// - Throws: ``FileError``, or ``DataFault``: the file cannot be read as such traces, or another process adds to
    ///   it.
    public init(_ path: String, kind: TraceKind, comment: String) throws {
        file = try GrowingFile(
            path, maximumBytes: CSVLimits.traces.maximumBytes, advice: "let it end, or give another folder")
        let bytes = file.bytes
        let first = "# \(comment)\n"
        let whole = Array(bytes[..<((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)])
        // Nothing but the beginning of a comment is a file of our own that was cut while it was made.
        guard !whole.isEmpty || bytes.isEmpty || first.utf8.starts(with: bytes) else {
            throw DataFault(file: path, "is no file of traces", "give another folder")
        }
        // Rows of another model count as well; of another number of threads or version of the library they do not.
        let basis = (old: Self.basis(whole[...]), new: Self.basis(Array(first.utf8)[...]))
        guard whole.isEmpty || basis.old == basis.new else {
            throw DataFault(
                file: path, "was begun with '\(basis.old)', and now it is '\(basis.new)'", "give another folder")
        }
        rows = try Self.rows(whole, kind, path)
        if whole.count < bytes.count { try file.shorten(to: whole.count) }
        if whole.isEmpty { try file.append(first) }
        try file.keep()
        self.path = path
        self.kind = kind
    }

    /// What follows the first comma of the first line: what rows were measured with.
    private static func basis(_ bytes: ArraySlice<UInt8>) -> String {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let after = line.drop { $0 != UInt8(ascii: ",") }.dropFirst()
        return String(decoding: after.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// Returns once the row survives a loss of power.
    ///
    /// - Parameter timeS: seconds, above 0.
    /// - Throws: ``FileError``, such as for a full disk; what was written of the row is taken back.
    public func append(_ features: [Double], timeS: Double) throws {
        // Whole numbers, as the released traces have them; a part of a nanosecond is nothing that a clock tells.
        let target = max(1, (timeS / kind.secondsPerTarget).rounded())
        let fields = (features + [target]).map { value in Int(exactly: value).map { "\($0)" } ?? "\(value)" }
        try file.append(fields.joined(separator: ",") + "\n")
    }

    /// A file of comments alone has none.
    private static func rows(_ bytes: [UInt8], _ kind: TraceKind, _ path: String) throws(DataFault) -> Set<[Double]> {
        let hasRows = bytes.split(separator: UInt8(ascii: "\n")).contains { $0.first != UInt8(ascii: "#") }
        guard hasRows else { return [] }
        let table = try TraceTable(bytes, kind: kind, file: path)
        return Set((0..<table.rowCount).map { Array(table.row($0)) })
    }
}
