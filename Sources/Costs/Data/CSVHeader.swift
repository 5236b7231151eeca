/// The names of a CSV text's columns, compared without case.
public struct CSVHeader: Sendable {
    public let file: String
    public let columnCount: Int
    /// Names as compared, in their order.
    public let names: [String]
    private let indices: [String: Int]

    /// - Throws: ``DataFault`` where a name stands twice.
    public init(_ row: CSVRow, file: String) throws(DataFault) {
        self.file = file
        names = row.fields.map(Self.comparable)
        columnCount = names.count
        var indices: [String: Int] = [:]
        for (index, name) in names.enumerated() where indices.updateValue(index, forKey: name) != nil {
            throw DataFault(file: file, line: row.line, "the column '\(name)' stands twice", "remove one")
        }
        self.indices = indices
    }

    /// Lower case, no white space around, and the subscript two of CO₂ as a plain one.
    private static func comparable(_ name: String) -> String {
        var name = name.lowercased().replacing("\u{2082}", with: "2")[...]
        while name.first == " " { name.removeFirst() }
        while name.last == " " { name.removeLast() }
        return String(name)
    }

    /// Where the column is; nil where there is none. `name` in lower case.
    public func index(of name: String) -> Int? { indices[name] }

    /// Refuses a row that has more or fewer fields than there are columns.
    public func check(_ row: CSVRow) throws(DataFault) {
        guard row.fields.count == columnCount else {
            throw DataFault(
                file: file, line: row.line,
                "has \(row.fields.count) field\(row.fields.count == 1 ? "" : "s") but the header names \(columnCount)",
                "complete or remove the line")
        }
    }
}
