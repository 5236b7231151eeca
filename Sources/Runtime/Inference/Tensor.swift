import ModelGraph
import NIOCore

/// A dense tensor: its elements in row-major order, little-endian, as they stand in memory.
public struct Tensor: Sendable, Equatable {
    public var elementType: ElementType
    /// Extents of the dimensions, outermost first; empty for a scalar.
    public var shape: [Int]
    /// Exactly `elementCount * elementType.byteCount` readable bytes.
    public var bytes: ByteBuffer

    public init(elementType: ElementType, shape: [Int], bytes: ByteBuffer) {
        self.elementType = elementType
        self.shape = shape
        self.bytes = bytes
    }

    /// A tensor of float32 values.
    public init(shape: [Int], floats: [Float]) {
        var buffer = ByteBuffer()
        floats.withUnsafeBytes { _ = buffer.writeBytes($0) }
        self.init(elementType: .float32, shape: shape, bytes: buffer)
    }

    /// The values of a float32 tensor; nil for another element type.
    public var floats: [Float]? {
        guard elementType == .float32 else { return nil }
        return bytes.withUnsafeReadableBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    /// Product of the extents; nil where it overflows or an extent is negative.
    public static func elementCount(of shape: [Int]) -> Int? {
        var product = 1
        for extent in shape {
            guard extent >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            product = next
        }
        return product
    }

    /// Bytes that a tensor of this type and shape has; nil where that overflows.
    public static func byteCount(of elementType: ElementType, shape: [Int]) -> Int? {
        guard let count = elementCount(of: shape) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: elementType.byteCount)
        return overflow ? nil : bytes
    }

    /// `float32[1x3x224x224]`.
    public static func describe(_ elementType: ElementType, _ shape: [Int]) -> String {
        "\(elementType)[\(shape.map(String.init).joined(separator: "x"))]"
    }
}

/// Element types by the numbers that ONNX files and ONNX Runtime's interface give them (onnx.proto, DataType).
extension ElementType {
    public var onnxCode: Int {
        switch self {
        case .float32: 1
        case .uint8: 2
        case .int8: 3
        case .uint16: 4
        case .int16: 5
        case .int32: 6
        case .int64: 7
        case .boolean: 9
        case .float16: 10
        case .float64: 11
        case .uint32: 12
        case .uint64: 13
        case .bfloat16: 16
        }
    }

    /// Nil for a code that is no tensor of plain numbers.
    public init?(onnxCode: Int) {
        guard let match = Self.allCases.first(where: { $0.onnxCode == onnxCode }) else { return nil }
        self = match
    }
}
