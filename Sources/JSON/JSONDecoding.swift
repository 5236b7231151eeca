struct JSONValueDecoder: Decoder {
    let value: JSONValue
    let path: JSONPath

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return KeyedDecodingContainer(JSONKeyedDecoding<Key>(members: members, path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return JSONUnkeyedDecoding(elements: elements, path: path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { JSONSingleDecoding(decoder: self) }

    func mismatch(_ expected: String) -> JSONError {
        JSONError(.mismatch, path: path.text, "expected \(expected), found \(value.kind)")
    }

    func read<T: Decodable>(_ type: T.Type) throws -> T {
        let result: Any
        switch type {
        case is Bool.Type:
            guard case .boolean(let flag) = value else { throw mismatch("a boolean") }
            result = flag
        case is String.Type:
            guard case .string(let text) = value else { throw mismatch("a string") }
            result = text
        case is Double.Type:
            guard let number = value.numberValue else { throw mismatch("a number") }
            result = number
        case is Float.Type:
            guard let number = value.numberValue else { throw mismatch("a number") }
            result = Float(number)
        case let integer as any (FixedWidthInteger & Decodable).Type: result = try read(integer: integer)
        default: return try T(from: self)
        }
        guard let typed = result as? T else { throw mismatch("\(T.self)") }
        return typed
    }

    /// Also reads a number without a fraction, as JSON Schema's "integer" does: 1e9 is one.
    private func read<I: FixedWidthInteger>(integer: I.Type) throws -> I {
        guard let wide = value.integerValue else { throw mismatch("an integer") }
        guard let exact = I(exactly: wide) else {
            throw JSONError(
                .mismatch, path: path.text, "expected an integer from \(I.min) to \(I.max), found \(wide)")
        }
        return exact
    }
}

struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// Objects with more members get an index, so that reading a large one stays linear.
    private static var indexedFrom: Int { 16 }

    let members: [JSONMember]
    let index: [String: Int]
    let path: JSONPath
    var codingPath: [any CodingKey] { path.keys }

    init(members: [JSONMember], path: JSONPath) {
        self.members = members
        self.path = path
        var index: [String: Int] = [:]
        if members.count >= Self.indexedFrom {
            for (place, member) in members.enumerated() { index[member.key] = place }
        }
        self.index = index
    }

    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

    private func find(_ name: String) -> JSONValue? {
        guard index.isEmpty else { return index[name].map { members[$0].value } }
        return members.first { $0.key == name }?.value
    }

    private func decoder(_ key: any CodingKey) throws -> JSONValueDecoder {
        guard let value = find(key.stringValue) else {
            throw JSONError(.mismatch, path: path.appending(key).text, "is missing")
        }
        return JSONValueDecoder(value: value, path: path.appending(key))
    }

    func contains(_ key: Key) -> Bool { find(key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).value == .null }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(key).read(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try decoder(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { try decoder(JSONName("super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    let path: JSONPath
    private(set) var currentIndex = 0

    init(elements: [JSONValue], path: JSONPath) {
        self.elements = elements
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    /// The index moves on only after success, as `UnkeyedDecodingContainer` promises.
    private func current() throws -> JSONValueDecoder {
        let place = path.appending(JSONIndex(currentIndex))
        guard !isAtEnd else {
            throw JSONError(.mismatch, path: place.text, "is missing: the array has \(elements.count) elements")
        }
        return JSONValueDecoder(value: elements[currentIndex], path: place)
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().value == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try current().read(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try current().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current()
        currentIndex += 1
        return decoder
    }
}

struct JSONSingleDecoding: SingleValueDecodingContainer {
    let decoder: JSONValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value == .null }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.read(type) }
}

extension JSONError {
    init(_ error: DecodingError) {
        let (context, problem): (DecodingError.Context, String) =
            switch error {
            case .typeMismatch(let type, let context): (context, "expected \(type): \(context.debugDescription)")
            case .valueNotFound(let type, let context): (context, "expected \(type), found null")
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
            }
        self.init(.mismatch, path: JSONPath(keys: context.codingPath).text, problem)
    }
}
