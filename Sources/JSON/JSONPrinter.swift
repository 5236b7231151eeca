import CJansson

/// Writes a value as text.
///
/// jansson escapes the strings. Structure and numbers are written here, because jansson prints every real with
/// one fixed number of digits: 0.1 would become 0.10000000000000001 on the wire.
struct JSONPrinter {
    var output: [UInt8] = []
    private let pretty: Bool

    init(pretty: Bool) { self.pretty = pretty }

    mutating func print(_ value: JSONValue, level: Int) {
        switch value {
        case .null: write("null")
        case .boolean(let flag): write(flag ? "true" : "false")
        case .integer(let integer): write(String(integer))
        case .number(let number): write(number.isFinite ? number.description : "null")
        case .string(let text): print(text)
        case .array(let elements):
            write("[")
            for (index, element) in elements.enumerated() {
                separate(index, level: level + 1)
                print(element, level: level + 1)
            }
            close("]", isEmpty: elements.isEmpty, level: level)
        case .object(let members):
            write("{")
            for (index, member) in members.enumerated() {
                separate(index, level: level + 1)
                print(member.key)
                write(pretty ? ": " : ":")
                print(member.value, level: level + 1)
            }
            close("}", isEmpty: members.isEmpty, level: level)
        }
    }

    private mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func separate(_ index: Int, level: Int) {
        if index > 0 { write(",") }
        breakLine(level: level)
    }

    private mutating func close(_ bracket: String, isEmpty: Bool, level: Int) {
        if !isEmpty { breakLine(level: level) }
        write(bracket)
    }

    private mutating func breakLine(level: Int) {
        guard pretty else { return }
        write("\n" + String(repeating: "  ", count: level))
    }

    /// The common case, a string without anything to escape, is copied; all others are jansson's.
    private mutating func print(_ text: String) {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        if isPlain {
            write("\"")
            write(text)
            write("\"")
        } else {
            printEscaped(text)
        }
    }

    private mutating func printEscaped(_ text: String) {
        var text = text
        let node = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { json_stringn($0.baseAddress, $0.count) }
        }
        defer { json_decref(node) }
        let flags = Int(JSON_ENCODE_ANY)
        let needed = json_dumpb(node, nil, 0, flags)
        output.append(
            contentsOf: [UInt8](unsafeUninitializedCapacity: needed) { buffer, count in
                count = buffer.withMemoryRebound(to: CChar.self) { json_dumpb(node, $0.baseAddress, needed, flags) }
            })
    }
}
