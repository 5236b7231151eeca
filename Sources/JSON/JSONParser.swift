import CJansson

extension JSONLimits {
    /// Refuses a text that is too long or too deeply nested, without parsing it.
    func check(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= maximumBytes else {
            throw JSONError(.limit, "the text has \(bytes.count) bytes; at most \(maximumBytes) are allowed")
        }
        var depth = 0
        var insideString = false
        var escaped = false
        for byte in bytes {
            if insideString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    insideString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): insideString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                guard depth <= maximumDepth else {
                    throw JSONError(.limit, "arrays and objects nest deeper than the \(maximumDepth) levels allowed")
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
    }
}

extension JSON {
    static func parseWithJansson(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        let flags = Int(JSON_REJECT_DUPLICATES) | Int(JSON_DECODE_ANY) | Int(JSON_ALLOW_NUL)
        var failure = json_error_t()
        let root = bytes.withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { json_loadb($0.baseAddress, $0.count, flags, &failure) }
        }
        guard let root else {
            let reason = withUnsafeBytes(of: &failure.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw JSONError(
                .syntax(line: max(1, Int(failure.line)), column: max(1, Int(failure.column))),
                bytes.isEmpty ? "the text is empty" : "no valid JSON: \(reason)")
        }
        defer { json_decref(root) }
        return value(of: root)
    }

    /// Copies jansson's tree; its depth is that of the text, which was checked before.
    private static func value(of node: UnsafeMutablePointer<json_t>) -> JSONValue {
        switch node.pointee.type {
        case JSON_OBJECT:
            var members: [JSONMember] = []
            members.reserveCapacity(json_object_size(node))
            var iterator = json_object_iter(node)
            while let place = iterator {
                if let key = json_object_iter_key(place), let child = json_object_iter_value(place) {
                    members.append(JSONMember(String(cString: key), value(of: child)))
                }
                iterator = json_object_iter_next(node, place)
            }
            return .object(members)
        case JSON_ARRAY:
            return .array((0..<json_array_size(node)).compactMap { json_array_get(node, $0).map(value(of:)) })
        case JSON_STRING:
            let text = UnsafeRawBufferPointer(start: json_string_value(node), count: json_string_length(node))
            return .string(String(decoding: text, as: UTF8.self))
        case JSON_INTEGER: return .integer(json_integer_value(node))
        case JSON_REAL: return .number(json_real_value(node))
        case JSON_TRUE: return .boolean(true)
        case JSON_FALSE: return .boolean(false)
        default: return .null
        }
    }
}
