import ModelGraph

/// Takes the large initializers out of a serialized ONNX model, so that only the rest is ever parsed into memory.
///
/// Protocol Buffers wire format: fields as (number << 3 | wire type), varints, and length-prefixed bytes.
struct WireScanner {
    /// Bytes of a large initializer, as they stand in the file.
    struct Payload {
        let range: Range<Int>
        /// Field of the tensor message that held them: 9 raw, 4 float, 10 double, all little-endian elements.
        let field: Int
    }

    struct Failure: Error {
        let reason: String
    }

    /// What is kept of the model, of the graph in hand and of the tensor in hand.
    private var kept: [[UInt8]] = [[], [], []]
    private var level = 0
    private var keptBytes = 0
    /// What was taken out, by the position of the initializer in the file.
    private var payloads: [Int: Payload] = [:]
    private var initializers = 0
    private let source: UnsafeRawBufferPointer

    /// The model without the bytes of large initializers, and where these stand.
    static func scan(_ source: UnsafeRawBufferPointer) throws -> (slim: [UInt8], payloads: [Int: Payload]) {
        var scanner = WireScanner(source: source)
        try scanner.scanModel()
        return (scanner.kept[0], scanner.payloads)
    }

    private init(source: UnsafeRawBufferPointer) { self.source = source }

    private struct Field {
        let number: Int
        let wireType: Int
        /// The whole field, its key included.
        let whole: Range<Int>
        /// What a length-prefixed field holds.
        let content: Range<Int>
    }

    private mutating func scanModel() throws {
        try each(in: 0..<source.count) { scanner, field in
            guard field.number == 7, field.wireType == 2 else { return try scanner.copy(field.whole) }
            scanner.level += 1
            try scanner.scanGraph(field.content)
            scanner.closeMessage(field: 7)
        }
    }

    private mutating func scanGraph(_ range: Range<Int>) throws {
        try each(in: range) { scanner, field in
            guard field.number == 5, field.wireType == 2 else { return try scanner.copy(field.whole) }
            guard scanner.initializers < ImportLimits.maximumInitializers else {
                throw Failure(reason: "it has more than \(ImportLimits.maximumInitializers) initializers")
            }
            scanner.level += 1
            try scanner.scanTensor(field.content)
            scanner.closeMessage(field: 5)
            scanner.initializers += 1
        }
    }

    private mutating func scanTensor(_ range: Range<Int>) throws {
        try each(in: range) { scanner, field in
            let isData = field.number == 9 || field.number == 4 || field.number == 10
            guard isData, field.wireType == 2, field.content.count > GraphLimits.inlineBytes else {
                return try scanner.copy(field.whole)
            }
            guard scanner.payloads[scanner.initializers] == nil else {
                throw Failure(reason: "initializer \(scanner.initializers) has its data twice")
            }
            scanner.payloads[scanner.initializers] = Payload(range: field.content, field: field.number)
        }
    }

    /// Calls `body` for each field of a message; throws at the first byte that fits no field.
    private mutating func each(in range: Range<Int>, _ body: (inout WireScanner, Field) throws -> Void) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            let key = try varint(&position, range.upperBound)
            let wireType = Int(key & 7)
            let number = Int(key >> 3)
            guard number >= 1, number < 1 << 29 else { throw broken(start) }
            var content = position..<position
            switch wireType {
            case 0: _ = try varint(&position, range.upperBound)
            case 1: position += 8
            case 2:
                let length = try varint(&position, range.upperBound)
                guard length <= UInt64(range.upperBound - position) else {
                    throw Failure(reason: "it ends within a field of \(length) bytes at byte \(start)")
                }
                content = position..<(position + Int(length))
                position = content.upperBound
            case 5: position += 4
            default: throw broken(start)
            }
            guard position <= range.upperBound else { throw Failure(reason: "it ends within a field at byte \(start)") }
            try body(&self, Field(number: number, wireType: wireType, whole: start..<position, content: content))
        }
    }

    private func varint(_ position: inout Int, _ end: Int) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < end else { throw Failure(reason: "it ends within a number at byte \(position)") }
            let byte = source[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw broken(position)
    }

    private func broken(_ position: Int) -> Failure {
        Failure(reason: "byte \(position) starts no field of the format")
    }

    private mutating func copy(_ range: Range<Int>) throws {
        keptBytes += range.count
        guard keptBytes <= ImportLimits.maximumGraphPartBytes else {
            throw Failure(reason: "its graph part is larger than \(ImportLimits.maximumGraphPartBytes) bytes")
        }
        kept[level].append(contentsOf: source[range])
    }

    /// Puts the message in hand into the one around it, as a length-prefixed field.
    private mutating func closeMessage(field: Int) {
        let inner = kept[level]
        kept[level].removeAll(keepingCapacity: inner.count < 1 << 16)
        level -= 1
        kept[level].append(UInt8(field << 3 | 2))
        var length = UInt64(inner.count)
        while length >= 0x80 {
            kept[level].append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        kept[level].append(UInt8(length))
        kept[level].append(contentsOf: inner)
    }
}
