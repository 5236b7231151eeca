/// One line of a CSV text.
public struct CSVRow: Sendable, Equatable {
    /// Counted from 1.
    public var line: Int
    public var fields: [String]
}

/// Reads comma-separated values (RFC 4180) row by row: quotes, line ends `LF` or `CRLF`, a byte order mark.
///
/// Stricter than the RFC where leniency hides damage: a quoted field ends on its own line, a quote stands only at the
/// start of a field, every line is UTF-8. Empty lines are passed over.
public struct CSVReader: Sendable {
    /// What faults call the text, in most cases its file.
    public let file: String
    private let bytes: [UInt8]
    private let limits: CSVLimits
    private let hasComments: Bool
    private var place: Int
    private var line = 0
    private var rowCount = 0

    /// - Parameter hasComments: pass over lines that start with `#`.
    /// - Throws: ``DataFault`` for a text beyond the limit.
    public init(_ bytes: [UInt8], file: String, limits: CSVLimits, hasComments: Bool = false) throws(DataFault) {
        guard bytes.count <= limits.maximumBytes else {
            throw DataFault(
                file: file, "has \(bytes.count) bytes, more than \(limits.maximumBytes)", "split it into smaller files")
        }
        self.file = file
        self.bytes = bytes
        self.limits = limits
        self.hasComments = hasComments
        place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next row; nil after the last.
    ///
    /// - Throws: ``DataFault`` with the line.
    public mutating func next() throws(DataFault) -> CSVRow? {
        while place < bytes.count {
            let text = try nextLine()
            if text.isEmpty || hasComments && text.first == UInt8(ascii: "#") { continue }
            rowCount += 1
            // The header is one row more.
            guard rowCount <= limits.maximumRows + 1 else {
                throw fault("is row \(rowCount - 1), more than \(limits.maximumRows)", "split it into smaller files")
            }
            return CSVRow(line: line, fields: try fields(of: text))
        }
        return nil
    }

    private func fault(_ problem: String, _ advice: String) -> DataFault {
        DataFault(file: file, line: line, problem, advice)
    }

    private mutating func nextLine() throws(DataFault) -> ArraySlice<UInt8> {
        line += 1
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") {
            place += 1
            guard place - start <= limits.maximumLineBytes + 1 else {
                throw fault("is longer than \(limits.maximumLineBytes) bytes", "is this a CSV file?")
            }
        }
        var end = place
        if place < bytes.count { place += 1 }
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        guard end - start <= limits.maximumLineBytes else {
            throw fault("is longer than \(limits.maximumLineBytes) bytes", "is this a CSV file?")
        }
        return bytes[start..<end]
    }

    private func fields(of line: ArraySlice<UInt8>) throws(DataFault) -> [String] {
        let comma = UInt8(ascii: ",")
        let quote = UInt8(ascii: "\"")
        var fields: [String] = []
        var place = line.startIndex
        while true {
            var field: [UInt8] = []
            if place < line.endIndex, line[place] == quote {
                place += 1
                while true {
                    guard place < line.endIndex else {
                        throw fault("a quote is not closed on its line", "close it or double it")
                    }
                    let byte = line[place]
                    place += 1
                    if byte != quote {
                        field.append(byte)
                    } else if place < line.endIndex, line[place] == quote {
                        field.append(quote)
                        place += 1
                    } else {
                        break
                    }
                }
                guard place == line.endIndex || line[place] == comma else {
                    throw fault("text follows a closing quote", "quote the whole field, and double quotes within it")
                }
            } else {
                while place < line.endIndex, line[place] != comma {
                    guard line[place] != quote, line[place] != UInt8(ascii: "\r") else {
                        throw fault(
                            line[place] == quote
                                ? "a quote stands inside a field" : "a carriage return stands inside the line",
                            line[place] == quote
                                ? "quote the whole field, and double quotes within it" : "end lines by LF or CRLF")
                    }
                    field.append(line[place])
                    place += 1
                }
            }
            guard let text = String(validating: field, as: UTF8.self) else {
                throw fault("field \(fields.count + 1) is not UTF-8", "save the file as UTF-8")
            }
            fields.append(text)
            guard place < line.endIndex else { return fields }
            place += 1
        }
    }
}
