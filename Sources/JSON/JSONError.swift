/// Why a text is not the JSON that was expected, in one sentence that starts with the place.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The text is no JSON; line and column count from 1, the column in bytes.
        case syntax(line: Int, column: Int)
        /// The text exceeds a limit and was not parsed.
        case limit
        /// A value is not what the type expects.
        case mismatch
        /// A value of the program cannot be written as JSON.
        case unencodable
    }

    public var kind: Kind
    /// Where in the document, as `plan.devices[2].memory_bytes`; empty for the whole document.
    public var path: String
    /// What is wrong there.
    public var problem: String

    public init(_ kind: Kind, path: String = "", _ problem: String) {
        self.kind = kind
        self.path = path
        self.problem = problem
    }

    public var description: String {
        switch kind {
        case .syntax(let line, let column): "line \(line), column \(column): \(problem)"
        default: path.isEmpty ? problem : "\(path): \(problem)"
        }
    }
}

/// A place in a document, grown member by member while the document is walked.
struct JSONPath {
    var keys: [any CodingKey] = []

    func appending(_ key: any CodingKey) -> JSONPath { JSONPath(keys: keys + [key]) }

    var text: String {
        var text = ""
        for key in keys {
            if let index = key.intValue, key is JSONIndex || key.stringValue == "Index \(index)" {
                text += "[\(index)]"
            } else if key.stringValue.isEmpty || key.stringValue.contains(where: { $0 == "." || $0 == "[" }) {
                text += "[\"\(key.stringValue)\"]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }
}

/// The place of an element in an array.
struct JSONIndex: CodingKey {
    var intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }

    init(_ index: Int) { intValue = index }
    init?(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { return nil }
}

/// A member name that no `CodingKeys` declares.
struct JSONName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}
