/// JSON texts to values and back. Parsing and the escaping of strings are jansson's.
public enum JSON {
    /// Parses a complete text: one value, strict UTF-8, no duplicate keys.
    ///
    /// Integers must fit 64 bits signed; other numbers must be finite as a double.
    ///
    /// - Throws: `JSONError` of kind `limit` before parsing, or `syntax` with line and column.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .document) throws(JSONError) -> JSONValue {
        try limits.check(bytes)
        return try parseWithJansson(bytes)
    }

    /// Parses a complete text, as the overload for bytes does.
    public static func parse(_ text: String, limits: JSONLimits = .document) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Prints a value: members in their order, doubles in the shortest form that reads back the same.
    ///
    /// A number that is not finite has no JSON form and is printed as `null`; `encode` refuses it by its path.
    ///
    /// - Parameter pretty: an indented text of several lines instead of one line without spaces.
    public static func text(_ value: JSONValue, pretty: Bool = false) -> String {
        var printer = JSONPrinter(pretty: pretty)
        printer.print(value, level: 0)
        return String(decoding: printer.output, as: UTF8.self)
    }

    /// Prints a value of the program: members in the order in which it encodes them, nil members left out.
    ///
    /// - Throws: `JSONError` of kind `unencodable`, with the path, for a number that is not finite or above
    ///   64 bits signed; or what the value's own `encode(to:)` throws, as such an error.
    public static func encode<T: Encodable>(_ value: T, pretty: Bool = false) throws -> String {
        text(try self.value(of: value), pretty: pretty)
    }

    /// A value of the program as a JSON value; see `encode`.
    public static func value<T: Encodable>(of value: T) throws -> JSONValue {
        let root = JSONEncodingNode()
        do {
            try JSONValueEncoder(node: root, path: JSONPath()).write(value)
        } catch let error as EncodingError {
            throw JSONError(error)
        }
        return root.value
    }

    /// Parses a text and reads a value of the program from it. Members that the type does not know are ignored,
    /// so that an older board understands a newer one.
    ///
    /// - Throws: `JSONError`: `limit`, `syntax`, or `mismatch` with the path.
    public static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .message
    ) throws -> T {
        try decode(type, from: try parse(bytes, limits: limits))
    }

    /// Reads a value of the program from a parsed one.
    public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        do {
            return try JSONValueDecoder(value: value, path: JSONPath()).read(type)
        } catch let error as DecodingError {
            throw JSONError(error)
        }
    }
}
