/// On which lines a TOML text sets its keys, by their whole path: `device[1].flops` is not the first `flops`.
///
/// Reads line by line what people write; keys inside inline tables and arrays are found by the line that begins them.
struct TOMLLines {
    /// A path as its parts, array elements as `[1]`, with the line counted from 1.
    private var lines: [(path: [String], line: Int)] = []

    init(_ text: String) {
        var table: [String] = []
        var counts: [[String]: Int] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.first == "[", let names = Self.header(trimmed) {
                table = []
                for (position, name) in names.enumerated() {
                    table.append(name)
                    let isLast = position == names.count - 1
                    if isLast, trimmed.hasPrefix("[[") { counts[table, default: 0] += 1 }
                    if isLast { lines.append((table, index + 1)) }
                    if let count = counts[table] { table.append("[\(count - 1)]") }
                }
                lines.append((table, index + 1))
            } else if let sign = trimmed.firstIndex(of: "=" as Character), trimmed.first != "#" {
                lines.append((table + Self.names(trimmed[..<sign]), index + 1))
            }
        }
    }

    /// The line that sets a path, or else the one that begins what holds it; nil where there is none.
    func line(of path: [String]) -> Int? {
        var best: (length: Int, line: Int)?
        for (known, line) in lines where path.starts(with: known) && known.count > best?.length ?? 0 {
            best = (known.count, line)
        }
        return best?.line
    }

    private static func header(_ line: Substring) -> [String]? {
        guard let end = line.firstIndex(of: "]" as Character) else { return nil }
        return names(line[..<end].drop { $0 == "[" })
    }

    private static func names(_ text: Substring) -> [String] {
        text.split(separator: "." as Character).map { part in
            String(String.UnicodeScalarView(part.unicodeScalars.filter { !" \t\"'".unicodeScalars.contains($0) }))
        }
    }
}
