import ModelGraph
import ONNXFormat
import SwiftProtobuf

/// Turns a parsed model into its plain form: no functions, no `Constant` nodes, initializers with type and data apart.
struct PlainModel: Sendable {
    struct Initializer: Sendable {
        let name: String
        let type: TensorType
        var data: TensorData
    }

    struct Failure: Error {
        let problem: ImportError.Problem
    }

    /// Versions, domains and all else that is not a graph.
    var header: ONNXModelProto
    var graphName: String
    var nodes: [ONNXNodeProto]
    var inputs: [GraphDescription.Value]
    var outputs: [String]
    var initializers: [Initializer]
    var opset: Int
    /// What the reader decided that a person should know.
    var notes: [String]
    /// Types that the file itself states for tensors, where they are fixed.
    var recordedTypes: [String: TensorType]
}

extension PlainModel {
    init(_ model: ONNXModelProto, payloads: [Int: ByteRegion]) throws {
        guard model.hasGraph else { throw Failure(problem: .notONNX(reason: "it has no graph")) }
        let graph = model.graph
        guard graph.sparseInitializer.isEmpty else {
            throw Failure(problem: .unsupportedContent("sparse initializers"))
        }
        let version = model.opsetImport.filter { FunctionInliner.isStandard($0.domain) }.map(\.version).max()
        guard let version else { throw Failure(problem: .notONNX(reason: "it names no operator set")) }
        opset = Int(clamping: version)
        graphName = graph.name
        notes = []

        var header = model
        header.clearGraph()
        header.functions = []
        self.header = header

        initializers = []
        nodes = []
        inputs = []
        outputs = graph.output.map(\.name)
        recordedTypes = [:]
        for (position, tensor) in graph.initializer.enumerated() {
            initializers.append(try Self.initializer(tensor, payload: payloads[position]))
        }
        do {
            for node in try FunctionInliner.inline(graph.node, model.functions, opset: opset) {
                if node.opType == "Constant", FunctionInliner.isStandard(node.domain) {
                    initializers.append(try Self.constant(node))
                } else {
                    nodes.append(node)
                }
            }
        } catch let failure as FunctionInliner.Failure {
            throw Failure(problem: failure.problem)
        }
        // Files of old versions list initializers among the inputs.
        let given = Set(initializers.map(\.name))
        var bound = Set<String>()
        for input in graph.input where !given.contains(input.name) { inputs.append(try bind(input, &bound)) }
        for info in graph.valueInfo + graph.output { recordedTypes[info.name] = Self.fixedType(info) }
        // Domains that no node uses any more would only make a runtime ask for them.
        let used = Set(nodes.map(\.domain))
        self.header.opsetImport.removeAll { !FunctionInliner.isStandard($0.domain) && !used.contains($0.domain) }
    }

    /// Makes the shape of an input static: a symbolic batch (the first dimension) becomes 1.
    private mutating func bind(_ input: ONNXValueInfoProto, _ bound: inout Set<String>) throws
        -> GraphDescription.Value
    {
        guard input.type.hasTensorType else {
            throw Failure(problem: .unsupportedContent("input '\(input.name)', which is no tensor"))
        }
        let tensor = input.type.tensorType
        guard let elementType = ElementType(onnxNumber: tensor.elemType) else {
            throw Failure(problem: .unsupportedElementType(tensor: input.name, number: Int(tensor.elemType)))
        }
        guard tensor.hasShape else {
            throw Failure(problem: .graph(.unknownDimension(tensor: input.name, reason: "the file gives no shape")))
        }
        guard tensor.shape.dim.count <= GraphLimits.maximumRank else {
            throw Failure(problem: .invalidTensor(tensor: input.name, reason: "it has too many dimensions"))
        }
        let shape = try tensor.shape.dim.enumerated().map { axis, dimension -> Int in
            if case .dimValue(let value) = dimension.value, value > 0 { return Int(clamping: value) }
            var symbol = "?"
            if case .dimParam(let name) = dimension.value { symbol = name }
            guard axis == 0 || (symbol != "?" && bound.contains(symbol)) else {
                throw Failure(
                    problem: .graph(
                        .unknownDimension(tensor: input.name, reason: "dimension \(axis) is symbolic, '\(symbol)'")))
            }
            if symbol != "?" { bound.insert(symbol) }
            notes.append("input '\(input.name)': symbolic dimension \(axis) '\(symbol)' is bound to 1")
            return 1
        }
        do {
            return .init(name: input.name, type: try TensorType(elementType, shape, named: input.name))
        } catch let error as GraphError {
            throw Failure(problem: .graph(error))
        }
    }

    private static func fixedType(_ info: ONNXValueInfoProto) -> TensorType? {
        guard info.type.hasTensorType, info.type.tensorType.hasShape,
            let elementType = ElementType(onnxNumber: info.type.tensorType.elemType)
        else { return nil }
        var shape: [Int] = []
        for dimension in info.type.tensorType.shape.dim {
            guard case .dimValue(let value) = dimension.value else { return nil }
            shape.append(Int(clamping: value))
        }
        return try? TensorType(elementType, shape)
    }

    /// The description from which the graph is made.
    func description() throws -> GraphDescription {
        GraphDescription(
            name: graphName, opset: opset,
            nodes: nodes.map(Self.describe), inputs: inputs, outputs: outputs,
            initializers: try initializers.map { initializer in
                // Only what stands inside every form of the file, so that all forms give the same graph.
                guard initializer.type.byteCount <= GraphLimits.inlineBytes, case .region(let region) = initializer.data
                else { return .init(name: initializer.name, type: initializer.type) }
                let value = try region.withBytes { try TensorBytes.value($0, type: initializer.type) }
                return .init(name: initializer.name, type: initializer.type, value: value)
            })
    }

    private static func describe(_ node: ONNXNodeProto) -> NodeDescription {
        var attributes: [String: AttributeValue] = [:]
        for attribute in node.attribute { attributes[attribute.name] = value(of: attribute, in: node) }
        return NodeDescription(
            name: node.name.isEmpty ? (node.output.first.map { "\(node.opType) of \($0)" } ?? node.opType) : node.name,
            type: node.opType, domain: node.domain, inputs: node.input, outputs: node.output, attributes: attributes)
    }

    private static func value(of attribute: ONNXAttributeProto, in node: ONNXNodeProto) -> AttributeValue {
        if attribute.hasG || !attribute.graphs.isEmpty { return .graph }
        // Element types are numbers in the format and names in the graph.
        if attribute.name == "to", attribute.hasI, node.opType == "Cast" {
            return ElementType(onnxNumber: Int32(clamping: attribute.i)).map { .text($0.rawValue) } ?? .other
        }
        switch attribute.type {
        case 1: return .number(Double(attribute.f))
        case 2: return .integer(attribute.i)
        case 3: return .text(String(decoding: attribute.s, as: UTF8.self))
        case 4: return constantValue(attribute.t).map(AttributeValue.tensor) ?? .other
        case 6: return .numbers(attribute.floats.map(Double.init))
        case 7: return .integers(attribute.ints)
        case 8: return .texts(attribute.strings.map { String(decoding: $0, as: UTF8.self) })
        default: return .other
        }
    }

    private static func constantValue(_ tensor: ONNXTensorProto) -> ConstantValue? {
        guard let type = try? tensorType(tensor), type.byteCount <= GraphLimits.inlineBytes,
            let bytes = try? TensorBytes.littleEndian(tensor, type: type)
        else { return nil }
        return try? bytes.withUnsafeBytes { try TensorBytes.value($0, type: type) }
    }

    static func tensorType(_ tensor: ONNXTensorProto) throws -> TensorType {
        guard let elementType = ElementType(onnxNumber: tensor.dataType) else {
            throw Failure(problem: .unsupportedElementType(tensor: tensor.name, number: Int(tensor.dataType)))
        }
        do {
            return try TensorType(elementType, tensor.dims.map { Int(clamping: $0) }, named: tensor.name)
        } catch let error as GraphError {
            throw Failure(problem: .graph(error))
        }
    }
}
