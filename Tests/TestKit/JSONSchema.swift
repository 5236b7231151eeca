import JSON

/// Checks values against JSON Schemas (draft 2020-12), as far as the schemas in `docs/schemas` use it.
///
/// A keyword that is not known here is an error, so that a schema never says more than is checked.
public struct JSONSchemas {
    /// Schemas by file name; `$ref` reaches from one to another.
    private let files: [String: JSONValue]

    public init(files: [String: JSONValue]) { self.files = files }

    private static let annotations: Set<String> = ["$schema", "$id", "$defs", "title", "description", "examples"]
    private static let deepestReference = 64

    private struct Place {
        var file: String
        var path: String
        var depth = 0

        func at(_ step: String) -> Place { Place(file: file, path: path + step, depth: depth) }
    }

    /// What is wrong with a value; empty where it fits.
    ///
    /// - Parameters:
    ///   - file: the schema's file name.
    ///   - closed: also report members that the schema does not name. A receiver must not mind them; what we send
    ///     ourselves has none.
    public func problems(of value: JSONValue, file: String, closed: Bool = false) -> [String] {
        guard let schema = files[file] else { return ["there is no schema \(file)"] }
        return check(value, schema, Place(file: file, path: "$"), closed: closed)
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, _ place: Place, closed: Bool) -> [String] {
        guard case .object(let keywords) = schema else { return ["\(place.path): the schema is no object"] }
        guard place.depth < Self.deepestReference else { return ["\(place.path): references go round in circles"] }
        return keywords.flatMap { keyword in
            check(value, keyword: keyword.key, keyword.value, of: schema, place, closed: closed)
        }
    }

    private func check(
        _ value: JSONValue, keyword: String, _ argument: JSONValue, of schema: JSONValue, _ place: Place, closed: Bool
    ) -> [String] {
        func fail(_ condition: Bool, _ problem: @autoclosure () -> String) -> [String] {
            condition ? [] : ["\(place.path): \(problem()) (\(keyword))"]
        }
        switch keyword {
        case "$ref": return follow(argument.stringValue ?? "", value, place, closed: closed)
        case "type": return fail(matches(value, type: argument), "is \(value.kind), expected \(JSON.text(argument))")
        case "const": return fail(value == argument, "is \(JSON.text(value)), expected \(JSON.text(argument))")
        case "enum":
            guard case .array(let choices) = argument else { return ["\(place.path): enum is no array"] }
            return fail(choices.contains(value), "\(JSON.text(value)) is none of \(JSON.text(argument))")
        case "properties", "required", "items", "oneOf":
            return checkParts(value, keyword: keyword, argument, place, closed: closed)
        case "minimum", "maximum", "exclusiveMinimum":
            guard let number = value.numberValue, let limit = argument.numberValue else { return [] }
            let fits = keyword == "minimum" ? number >= limit : keyword == "maximum" ? number <= limit : number > limit
            return fail(fits, "\(JSON.text(value)) is outside \(keyword) \(JSON.text(argument))")
        case "minLength", "maxLength":
            guard let text = value.stringValue, let limit = argument.integerValue else { return [] }
            let count = text.unicodeScalars.count
            return fail(keyword == "minLength" ? count >= limit : count <= limit, "has \(count) characters")
        case "pattern":
            guard let text = value.stringValue, let pattern = argument.stringValue else { return [] }
            guard let expression = try? Regex(pattern) else { return ["\(place.path): no expression: \(pattern)"] }
            return fail((try? expression.firstMatch(in: text)) != nil, "\(JSON.text(value)) does not match \(pattern)")
        case "format":
            guard let text = value.stringValue else { return [] }
            guard argument.stringValue == "date-time" else { return ["\(place.path): unknown format"] }
            let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/
            return fail(text.wholeMatch(of: time) != nil, "\(JSON.text(value)) is no time in UTC")
        case _ where Self.annotations.contains(keyword): return []
        default: return ["\(place.path): the schema uses \(keyword), which is not checked"]
        }
    }

    private func checkParts(
        _ value: JSONValue, keyword: String, _ argument: JSONValue, _ place: Place, closed: Bool
    ) -> [String] {
        switch (keyword, value, argument) {
        case ("properties", .object(let members), .object):
            return members.flatMap { member -> [String] in
                let place = place.at(".\(member.key)")
                if let schema = argument[member.key] { return check(member.value, schema, place, closed: closed) }
                return closed ? ["\(place.path): the schema does not know this member"] : []
            }
        case ("required", .object(let members), .array(let names)):
            return names.compactMap(\.stringValue).filter { name in !members.contains { $0.key == name } }
                .map { "\(place.path).\($0): is missing (required)" }
        case ("items", .array(let elements), _):
            return elements.enumerated().flatMap { index, element in
                check(element, argument, place.at("[\(index)]"), closed: closed)
            }
        case ("oneOf", _, .array(let choices)):
            // Open: what a choice does not name is named by the schema around it.
            let fitting = choices.count { check(value, $0, place, closed: false).isEmpty }
            return fitting == 1 ? [] : ["\(place.path): fits \(fitting) of \(choices.count) choices (oneOf)"]
        default: return []
        }
    }

    private func follow(_ reference: String, _ value: JSONValue, _ place: Place, closed: Bool) -> [String] {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let file = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? place.file
        var schema = files[file]
        for step in (parts.count > 1 ? parts[1] : "").split(separator: "/") { schema = schema?[String(step)] }
        guard let schema else { return ["\(place.path): the reference \(reference) leads nowhere"] }
        return check(value, schema, Place(file: file, path: place.path, depth: place.depth + 1), closed: closed)
    }

    private func matches(_ value: JSONValue, type: JSONValue) -> Bool {
        switch (type.stringValue, value) {
        case ("null", .null), ("boolean", .boolean), ("string", .string), ("array", .array), ("object", .object),
            ("number", .number), ("number", .integer), ("integer", .integer):
            true
        case ("integer", .number): value.integerValue != nil
        default: false
        }
    }
}
