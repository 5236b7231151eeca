/// Columns aligned with spaces, for people.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]

    init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        rows = [columns.map(\.title)]
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells + Array(repeating: "", count: max(0, alignments.count - cells.count)))
    }

    /// Lines without trailing spaces; two spaces between columns.
    var text: String {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, alignment) in alignments.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                line += (column > 0 ? "  " : "") + (alignment == .left ? row[column] + padding : padding + row[column])
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
