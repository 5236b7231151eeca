/// A value while it is being encoded; containers share it by reference.
final class JSONEncodingNode {
    private enum Content {
        case nothing
        case scalar(JSONValue)
        case array([JSONEncodingNode])
        case object(names: [String], nodes: [String: JSONEncodingNode])
    }

    private var content = Content.nothing

    /// What was encoded; nothing at all counts as an empty object, as it does for `Codable` types without members.
    var value: JSONValue {
        switch content {
        case .nothing: .object([])
        case .scalar(let value): value
        case .array(let elements): .array(elements.map(\.value))
        case .object(let names, let nodes):
            .object(names.compactMap { name in nodes[name].map { JSONMember(name, $0.value) } })
        }
    }

    var count: Int { if case .array(let elements) = content { elements.count } else { 0 } }

    func set(_ value: JSONValue) { content = .scalar(value) }

    func becomeObject() {
        if case .object = content { return }
        content = .object(names: [], nodes: [:])
    }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    /// The node of a member; a member encoded again keeps its place.
    func member(_ name: String) -> JSONEncodingNode {
        let child = JSONEncodingNode()
        guard case .object(var names, var nodes) = content else { return child }
        content = .nothing
        if nodes.updateValue(child, forKey: name) == nil { names.append(name) }
        content = .object(names: names, nodes: nodes)
        return child
    }

    func element() -> JSONEncodingNode {
        let child = JSONEncodingNode()
        guard case .array(var elements) = content else { return child }
        content = .nothing
        elements.append(child)
        content = .array(elements)
        return child
    }
}

/// Dictionaries whose members must be sorted, because their own order differs from run to run.
private protocol StringKeyedDictionary {
    func encodeSorted(into encoder: JSONValueEncoder) throws
}

extension Dictionary: StringKeyedDictionary where Key == String, Value: Encodable {
    func encodeSorted(into encoder: JSONValueEncoder) throws {
        let container = JSONKeyedEncoding<JSONName>(encoder: encoder)
        for (key, value) in self.sorted(by: { $0.key < $1.key }) { try container.encode(value, forKey: JSONName(key)) }
    }
}

struct JSONValueEncoder: Encoder {
    let node: JSONEncodingNode
    let path: JSONPath

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(JSONKeyedEncoding<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { JSONUnkeyedEncoding(encoder: self) }
    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleEncoding(encoder: self) }

    func child(_ key: any CodingKey) -> JSONValueEncoder {
        JSONValueEncoder(node: node.member(key.stringValue), path: path.appending(key))
    }

    func element() -> JSONValueEncoder {
        let index = node.count
        return JSONValueEncoder(node: node.element(), path: path.appending(JSONIndex(index)))
    }

    func write<T: Encodable>(_ value: T) throws {
        switch value {
        case let flag as Bool: node.set(.boolean(flag))
        case let text as String: node.set(.string(text))
        case let number as Double: try write(number: number)
        case let number as Float: try write(number: Double(number))
        case let integer as Int: node.set(.integer(Int64(integer)))
        case let integer as any FixedWidthInteger: try write(integer: integer)
        case let dictionary as any StringKeyedDictionary: try dictionary.encodeSorted(into: self)
        default: try value.encode(to: self)
        }
    }

    private func write(number: Double) throws {
        guard number.isFinite else {
            throw JSONError(.unencodable, path: path.text, "\(number) is no number that JSON can carry")
        }
        node.set(.number(number))
    }

    private func write(integer: any FixedWidthInteger) throws {
        guard let exact = Int64(exactly: integer) else {
            throw JSONError(
                .unencodable, path: path.text, "\(integer) is outside the 64-bit signed integers that JSON carries here"
            )
        }
        node.set(.integer(exact))
    }
}

struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    init(encoder: JSONValueEncoder) {
        self.encoder = encoder
        encoder.node.becomeObject()
    }

    func encodeNil(forKey key: Key) { encoder.child(key).node.set(.null) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        guard !key.stringValue.utf8.contains(0) else {
            throw JSONError(.unencodable, path: encoder.path.text, "a member name contains a NUL character")
        }
        try encoder.child(key).write(value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder.child(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.child(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder.child(JSONName("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.child(key) }
}

struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.node.count }

    init(encoder: JSONValueEncoder) {
        self.encoder = encoder
        encoder.node.becomeArray()
    }

    func encodeNil() { encoder.element().node.set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try encoder.element().write(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.element().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.element().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.element() }
}

struct JSONSingleEncoding: SingleValueEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.node.set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try encoder.write(value) }
}

extension JSONError {
    init(_ error: EncodingError) {
        switch error {
        case .invalidValue(_, let context):
            self.init(.unencodable, path: JSONPath(keys: context.codingPath).text, context.debugDescription)
        @unknown default: self.init(.unencodable, "\(error)")
        }
    }
}
