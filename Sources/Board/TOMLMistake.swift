import Costs
import TOMLKit

/// A value of a TOML text that is not what is read at its place: what it is, and what it should be.
struct TOMLMistake {
    let text: String

    /// The value at a path as a person calls it; nil where the text has none there.
    func found(_ path: [any CodingKey]) -> String? {
        guard let table = try? TOMLTable(string: text) else { return nil }
        var value: (any TOMLValueConvertible)? = table
        for key in path {
            if let index = key.intValue {
                guard let array = value?.array, array.indices.contains(index) else { return nil }
                value = array[index]
            } else {
                value = value?.table?[key.stringValue]
            }
        }
        return value.map(Self.name)
    }

    private static func name(_ value: any TOMLValueConvertible) -> String {
        if let text = value.string { return "the text \"\(text.count > 40 ? text.prefix(40) + "..." : text)\"" }
        if let number = value.int { return "the whole number \(number)" }
        if let number = value.double { return "the number \(number)" }
        if let truth = value.bool { return "\(truth)" }
        if value.table != nil { return "a table" }
        return value.array != nil ? "an array" : "a date or time"
    }

    /// What a Swift type is called in TOML, for a key.
    static func wanted(_ type: String, key: String) -> String {
        if let words = AllowedWords.text(ofKey: key) { return words }
        switch type {
        case "Double": return "a number"
        case "Int", "UInt64": return "a whole number"
        case "String": return "a text in quotes"
        case "Bool": return "true or false"
        case "TOMLTable": return "a table"
        case "TOMLArray":
            return ["device", "link", "pin", "operating_point"].contains(key)
                ? "tables that begin with [[\(key)]]" : "an array, as [a, b]"
        default: return "what docs/cluster-file.md says"
        }
    }
}
