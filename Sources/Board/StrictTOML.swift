import Costs
import TOMLKit

/// Why a TOML file was not accepted: one sentence with the file, the place and what to do.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Reads TOML files in which every key must be known.
public enum StrictTOML {
    /// A configuration file is written by hand; anything larger is not one.
    public static let maximumFileBytes = 1 << 20

    /// - Throws: ``ConfigurationError``.
    public static func decode<Value: Decodable>(_ type: Value.Type, file path: String) throws -> Value {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, maximumBytes: maximumFileBytes)
        } catch {
            throw ConfigurationError("\(error)")
        }
        return try decode(type, text: String(decoding: bytes, as: UTF8.self), name: path)
    }

    /// - Parameter name: what errors call the text, in most cases its file.
    /// - Throws: ``ConfigurationError``.
    public static func decode<Value: Decodable>(_ type: Value.Type, text: String, name: String) throws -> Value {
        if let line = brokenHeaderLine(in: text) {
            throw ConfigurationError(
                "\(name):\(line): not valid TOML: a table's header is [name] or [[name]], on a line of its own")
        }
        do {
            return try TOMLDecoder(strictDecoding: true).decode(type, from: text)
        } catch let error as TOMLParseError {
            let position = error.source.begin
            throw ConfigurationError("\(name):\(position.line): not valid TOML: \(error.description)")
        } catch let error as UnexpectedKeysError {
            let keys = error.keys.keys.sorted().map { "'\($0)'\(line(of: $0, in: text).map { " (line \($0))" } ?? "")" }
            throw ConfigurationError(
                "\(name): unknown key\(keys.count == 1 ? "" : "s") \(keys.joined(separator: ", ")); "
                    + "remove or correct \(keys.count == 1 ? "it" : "them")")
        } catch let error as DecodingError {
            throw ConfigurationError("\(name): \(sentence(for: error, in: text))")
        } catch let error as ConfigurationError {
            throw ConfigurationError("\(name): \(error)")
        }
    }

    /// The first line that starts like a table's header and names none, counted from 1.
    ///
    /// The parser ends the process at some of them (`[[[`) instead of refusing them.
    private static func brokenHeaderLine(in text: String) -> Int? {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = line.drop { $0 == " " || $0 == "\t" }
            guard rest.first == "[" else { continue }
            rest = rest.dropFirst()
            if rest.first == "[" { rest = rest.dropFirst() }
            let name = rest.drop { $0 == " " || $0 == "\t" }
            guard let first = name.unicodeScalars.first else { return index + 1 }
            let isKey = first.properties.isAlphabetic || first.properties.numericType != nil
            // An array's values may stand on lines of their own, and start with a bracket, too.
            let isValue = first == "]" || first == "-" || first == "+" || first == "." || first == "{" || first == "#"
            guard isKey || isValue || first == "_" || first == "\"" || first == "'" else { return index + 1 }
        }
        return nil
    }

    /// The first line that sets `key`, counted from 1.
    private static func line(of key: String, in text: String) -> Int? {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" || $0 == "[" }
            guard trimmed.hasPrefix(key) else { continue }
            let rest = trimmed.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }
            if rest.first == "=" || rest.first == "]" { return index + 1 }
        }
        return nil
    }

    private static func sentence(for error: DecodingError, in text: String) -> String {
        let mistake = TOMLMistake(text: text)
        func place(_ path: [any CodingKey]) -> String {
            let parts = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            let line = TOMLLines(text).line(of: parts).map { " (line \($0))" } ?? ""
            return "'\(parts.joined(separator: ".").replacing(".[", with: "["))'\(line)"
        }
        func wrong(_ path: [any CodingKey], _ found: String, _ type: String) -> String {
            let key = path.last { $0.intValue == nil }?.stringValue ?? ""
            // An element of an array is no word of the key's.
            let wanted = TOMLMistake.wanted(type, key: path.last?.intValue == nil ? key : "")
            return "\(place(path)) is \(found); give \(wanted)"
        }
        switch error {
        case .keyNotFound(let key, let context):
            // The library repeats a missing key at the end of its path, and calls one of another type missing too.
            let repeats = context.codingPath.last?.stringValue == key.stringValue
            let path = repeats ? context.codingPath : context.codingPath + [key]
            if let found = mistake.found(path) {
                let type = context.debugDescription.split(separator: "\"" as Character).dropFirst().first
                return wrong(path, found, type.map(String.init) ?? "")
            }
            let parts = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return "'\(parts.joined(separator: ".").replacing(".[", with: "["))' is missing; add it"
        case .typeMismatch(let type, let context):
            return wrong(context.codingPath, mistake.found(context.codingPath) ?? "of another type", "\(type)")
        case .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has no value; give one"
        case .dataCorrupted(let context):
            if let words = context.codingPath.last.flatMap({ AllowedWords.text(ofKey: $0.stringValue) }),
                let found = mistake.found(context.codingPath)
            {
                return "\(place(context.codingPath)) is \(found); give \(words)"
            }
            return "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            return "\(error)"
        }
    }
}
