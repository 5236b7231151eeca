import ModelGraph

extension ElementType {
    /// Number of the type in the ONNX format (`TensorProto.DataType`).
    var onnxNumber: Int32 {
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

    /// Nil for numbers of types that are not supported.
    init?(onnxNumber: Int32) {
        guard let type = ElementType.allCases.first(where: { $0.onnxNumber == onnxNumber }) else { return nil }
        self = type
    }
}
