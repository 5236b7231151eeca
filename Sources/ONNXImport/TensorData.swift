import ModelGraph
import ONNXFormat

/// Where the bytes of an initializer are: little-endian elements, one after the other.
enum TensorData: Sendable {
    /// In memory or in a mapped file.
    case region(ByteRegion)
    /// In a data file beside the model, opened when needed. A missing length is that of the tensor.
    case external(location: String, offset: Int, length: Int)
    /// Known by the hexadecimal SHA-256 of its bytes only.
    case addressed(sha256: String)
}

/// Bytes of a tensor message that carries its elements in typed fields or raw.
enum TensorBytes {
    /// Throws a reason where the number of elements does not fit the shape.
    struct Failure: Error {
        let reason: String
    }

    static func littleEndian(_ tensor: ONNXTensorProto, type: TensorType) throws -> [UInt8] {
        let bytes: [UInt8]
        if tensor.hasRawData {
            bytes = [UInt8](tensor.rawData)
        } else {
            switch type.elementType {
            case .float32: bytes = packed(tensor.floatData.map(\.bitPattern))
            case .float64: bytes = packed(tensor.doubleData.map(\.bitPattern))
            case .int64: bytes = packed(tensor.int64Data)
            case .uint64: bytes = packed(tensor.uint64Data)
            case .uint32: bytes = packed(tensor.uint64Data.map { UInt32(truncatingIfNeeded: $0) })
            case .int32: bytes = packed(tensor.int32Data)
            case .int16, .uint16, .float16, .bfloat16:
                bytes = packed(tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) })
            case .int8, .uint8, .boolean: bytes = tensor.int32Data.map { UInt8(truncatingIfNeeded: $0) }
            }
        }
        guard bytes.count == type.byteCount else {
            throw Failure(reason: "\(bytes.count) bytes of data where its shape \(type.shape) needs \(type.byteCount)")
        }
        return bytes
    }

    private static func packed<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(numbers.count * Number.bitWidth / 8)
        for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// Elements of a small constant; nil for types whose values no shape rule reads.
    static func value(_ bytes: UnsafeRawBufferPointer, type: TensorType) throws -> ConstantValue? {
        func numbers<Number: FixedWidthInteger>(_: Number.Type) -> [Number] {
            (0..<type.elementCount).map { position in
                Number(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position * Number.bitWidth / 8, as: Number.self))
            }
        }
        guard bytes.count == type.byteCount else { return nil }
        let elements: ConstantValue.Elements
        switch type.elementType {
        case .float32: elements = .numbers(numbers(UInt32.self).map { Double(Float(bitPattern: $0)) })
        case .float64: elements = .numbers(numbers(UInt64.self).map { Double(bitPattern: $0) })
        case .int64: elements = .integers(numbers(Int64.self))
        case .int32: elements = .integers(numbers(Int32.self).map(Int64.init))
        case .int16: elements = .integers(numbers(Int16.self).map(Int64.init))
        case .int8: elements = .integers(numbers(Int8.self).map(Int64.init))
        case .uint8, .boolean: elements = .integers(numbers(UInt8.self).map(Int64.init))
        case .uint16: elements = .integers(numbers(UInt16.self).map(Int64.init))
        case .uint32: elements = .integers(numbers(UInt32.self).map(Int64.init))
        case .uint64, .float16, .bfloat16: return nil
        }
        return try ConstantValue(type, elements)
    }

    /// The reverse of `value`.
    static func littleEndian(_ value: ConstantValue) -> [UInt8] {
        switch value.elements {
        case .numbers(let numbers):
            value.type.elementType == .float64
                ? packed(numbers.map(\.bitPattern)) : packed(numbers.map { Float($0).bitPattern })
        case .integers(let numbers):
            switch value.type.elementType.byteCount {
            case 8: packed(numbers)
            case 4: packed(numbers.map { Int32(truncatingIfNeeded: $0) })
            case 2: packed(numbers.map { Int16(truncatingIfNeeded: $0) })
            default: numbers.map { UInt8(truncatingIfNeeded: $0) }
            }
        }
    }
}
