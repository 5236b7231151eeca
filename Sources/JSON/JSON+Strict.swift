extension JSON {
    /// Decodes a value and refuses keys that it does not know.
    ///
    /// A key is known if the decoded value is written with it again: a typing error in an optional key would otherwise
    /// go unseen. Members that are null are passed over.
    ///
    /// - Throws: `JSONError`: what is wrong, with the path to it.
    public static func decodeStrictly<T: Codable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .message
    ) throws -> T {
        let given = try parse(bytes, limits: limits)
        let decoded = try decode(type, from: given)
        if let path = unknownKey(in: given, comparedWith: try value(of: decoded), path: "") {
            throw UnknownKeyError(path: path)
        }
        return decoded
    }

    /// A key that nobody reads.
    public struct UnknownKeyError: Error, Sendable, Equatable, CustomStringConvertible {
        /// `constraints.max_latency_s`, `devices[1].idle_power`.
        public var path: String

        public var description: String { "unknown key '\(path)'; remove or correct it" }
    }

    private static func unknownKey(
        in given: JSONValue, comparedWith known: JSONValue, path: String
    ) -> String? {
        switch (given, known) {
        case (.object(let members), .object(let others)):
            for member in members where member.value != .null {
                let place = path.isEmpty ? member.key : "\(path).\(member.key)"
                guard let other = others.first(where: { $0.key == member.key }) else { return place }
                if let found = unknownKey(in: member.value, comparedWith: other.value, path: place) { return found }
            }
            return nil
        case (.array(let items), .array(let others)):
            for (index, pair) in zip(items, others).enumerated() {
                if let found = unknownKey(in: pair.0, comparedWith: pair.1, path: "\(path)[\(index)]") {
                    return found
                }
            }
            return nil
        default: return nil
        }
    }
}
