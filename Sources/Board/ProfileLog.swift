import Costs

/// A profile file that a measurement adds to, a row at a time.
///
/// A row is on disk when `append` returns. One process at a time: the file is locked for as long as this lives. A last
/// row that a loss of power cut off is taken away when the file is opened. All calls block.
public final class ProfileLog {
    public let path: String
    public let model: String
    /// What stood in the file when it was opened.
    public let entries: [ProfileEntry]
    /// The cut row that was taken away; nil where there was none.
    public let removedText: String?
    private let file: GrowingFile

    /// Opens the file, and makes it where there is none.
    ///
    /// - Throws: ``FileError``, or ``DataFault``: the file cannot be read as a profile of this model, has other
    ///   columns, or another process adds to it.
    public init(_ path: String, model: String) throws {
        file = try GrowingFile(
            path, maximumBytes: CSVLimits.profile.maximumBytes, advice: "let it end, or give another file")
        let bytes = file.bytes
        var lines = bytes
        var removed: ArraySlice<UInt8> = []
        if let last = bytes.last, last != UInt8(ascii: "\n") {
            let start = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
            if start == 0 || !Self.isWhole(bytes[start...], model: model) {
                removed = bytes[start...]
                lines = Array(bytes[..<start])
            }
        }
        var found: [ProfileEntry] = []
        if !lines.isEmpty {
            found = try ProfileFile.entries(lines, file: path, model: model)
            try ProfileFile.checkColumns(lines, file: path)
        }
        if !removed.isEmpty {
            // Nothing but the beginning of a header is a file of our own that was cut while it was made.
            guard !lines.isEmpty || ProfileFile.header.utf8.starts(with: removed) else {
                throw DataFault(file: path, "is no profile", "give another file")
            }
            try file.shorten(to: lines.count)
        }
        if lines.isEmpty {
            try file.append(ProfileFile.header + "\n")
        } else if removed.isEmpty, lines.last != UInt8(ascii: "\n") {
            try file.append("\n")
        }
        try file.keep()
        entries = found
        removedText = removed.isEmpty ? nil : String(decoding: removed, as: UTF8.self)
        self.path = path
        self.model = model
    }

    /// Returns once the row survives a loss of power.
    ///
    /// - Throws: ``FileError``, such as for a full disk; what was written of the row is taken back.
    public func append(_ entry: ProfileEntry) throws {
        try file.append(ProfileFile.line(entry, model: model))
    }

    /// A row without its line's end that has all of its fields lacks at most a part of the words in the last.
    private static func isWhole(_ row: ArraySlice<UInt8>, model: String) -> Bool {
        let text = Array((ProfileFile.header + "\n").utf8) + row
        return (try? ProfileFile.entries(text, file: "", model: model)) != nil
    }
}
