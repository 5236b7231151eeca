import ModelGraph
import ONNXFormat

extension PlainModel {
    /// An initializer with its data where it stands. `payload` is what the scanner took out of the file.
    static func initializer(_ tensor: ONNXTensorProto, payload: ByteRegion?) throws -> Initializer {
        let type = try tensorType(tensor)
        return Initializer(name: tensor.name, type: type, data: try data(tensor, type, payload))
    }

    private static func data(_ tensor: ONNXTensorProto, _ type: TensorType, _ payload: ByteRegion?) throws -> TensorData
    {
        if tensor.dataLocation == 1 { return try external(tensor, type) }
        if let payload {
            guard payload.count == type.byteCount else {
                throw Failure(
                    problem: .invalidTensor(
                        tensor: tensor.name,
                        reason: "\(payload.count) bytes of data where its shape \(type.shape) needs \(type.byteCount)"))
            }
            return .region(payload)
        }
        do {
            let bytes = try TensorBytes.littleEndian(tensor, type: type)
            return .region(ByteRegion(owner: MappedBytes(bytes), range: 0..<bytes.count))
        } catch let failure as TensorBytes.Failure {
            throw Failure(problem: .invalidTensor(tensor: tensor.name, reason: failure.reason))
        }
    }

    private static func external(_ tensor: ONNXTensorProto, _ type: TensorType) throws -> TensorData {
        func invalid(_ reason: String) -> Failure {
            Failure(problem: .invalidTensor(tensor: tensor.name, reason: reason))
        }
        var entries: [String: String] = [:]
        for entry in tensor.externalData { entries[entry.key] = entry.value }
        guard let location = entries["location"], !location.isEmpty else {
            throw invalid("its external data names no file")
        }
        func number(_ key: String, default value: Int) throws -> Int {
            guard let text = entries[key] else { return value }
            guard let number = Int(text), number >= 0, number <= GraphLimits.maximumTensorBytes * 16 else {
                throw invalid("the \(key) of its external data is '\(text)'")
            }
            return number
        }
        let offset = try number("offset", default: 0)
        let length = try number("length", default: type.byteCount)
        guard length == type.byteCount else {
            throw invalid("\(length) bytes of external data where its shape \(type.shape) needs \(type.byteCount)")
        }
        if SHA256Hex.isHash(location), offset == 0 { return .addressed(sha256: location) }
        guard isInside(location) else {
            throw Failure(problem: .escapingPath(tensor: tensor.name, location: location))
        }
        return .external(location: location, offset: offset, length: length)
    }

    /// A relative path that does not climb out of its folder.
    private static func isInside(_ location: String) -> Bool {
        guard !location.hasPrefix("/"), !location.utf8.contains(0),
            location.utf8.count <= ImportLimits.maximumNameBytes
        else { return false }
        return !location.split(separator: "/").contains("..")
    }

    /// A `Constant` node as an initializer.
    static func constant(_ node: ONNXNodeProto) throws -> Initializer {
        func invalid(_ reason: String) -> Failure {
            Failure(problem: .graph(.invalidOperator(node: node.name, type: node.opType, reason: reason)))
        }
        guard let name = node.output.first, !name.isEmpty, let attribute = node.attribute.first else {
            throw invalid("it has no value")
        }
        var tensor = ONNXTensorProto()
        switch attribute.name {
        case "value":
            tensor = attribute.t
            guard tensor.dataLocation != 1 else { throw invalid("its value is external data") }
        case "value_int":
            tensor.dataType = ElementType.int64.onnxNumber
            tensor.int64Data = [attribute.i]
        case "value_ints":
            tensor.dataType = ElementType.int64.onnxNumber
            tensor.dims = [Int64(attribute.ints.count)]
            tensor.int64Data = attribute.ints
        case "value_float":
            tensor.dataType = ElementType.float32.onnxNumber
            tensor.floatData = [attribute.f]
        case "value_floats":
            tensor.dataType = ElementType.float32.onnxNumber
            tensor.dims = [Int64(attribute.floats.count)]
            tensor.floatData = attribute.floats
        default:
            throw invalid("attribute \(attribute.name) is not supported")
        }
        tensor.name = name
        return try initializer(tensor, payload: nil)
    }
}
