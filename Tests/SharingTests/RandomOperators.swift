import Costs
import ModelGraph
import ONNXFormat
import ONNXImport
import Runtime
import SwiftProtobuf
import Testing

/// A small model under construction: the nodes, inputs and weights of a random case.
struct ModelSketch {
    enum Attribute {
        case integer(Int), integers([Int]), text(String), number(Double)
    }

    var graph = ONNXGraphProto()
    var inputShapes: [[Int]] = []
    var generator: SeededGenerator

    init(_ generator: SeededGenerator) {
        self.generator = generator
        graph.name = "case"
    }

    mutating func input(_ shape: [Int]) -> String {
        let name = "x\(graph.input.count)"
        graph.input.append(Self.value(name, shape))
        inputShapes.append(shape)
        return name
    }

    mutating func weight(_ shape: [Int], in range: ClosedRange<Float> = -1...1) -> String {
        let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &generator) }
        return constant(shape, values.withUnsafeBytes { Array($0) }, type: 1)
    }

    mutating func integers(_ values: [Int], scalar: Bool = false) -> String {
        constant(scalar ? [] : [values.count], values.map(Int64.init).withUnsafeBytes { Array($0) }, type: 7)
    }

    mutating func numbers(_ values: [Float], scalar: Bool = false) -> String {
        constant(scalar ? [] : [values.count], values.withUnsafeBytes { Array($0) }, type: 1)
    }

    private mutating func constant(_ shape: [Int], _ bytes: [UInt8], type: Int32) -> String {
        var tensor = ONNXTensorProto()
        tensor.name = "w\(graph.initializer.count)"
        tensor.dims = shape.map(Int64.init)
        tensor.dataType = type
        tensor.rawData = .init(bytes)
        graph.initializer.append(tensor)
        return tensor.name
    }

    @discardableResult
    mutating func node(
        _ type: String, _ inputs: [String], _ attributes: [String: Attribute] = [:], outputs: Int = 1
    ) -> [String] {
        var node = ONNXNodeProto()
        node.opType = type
        node.name = "n\(graph.node.count)"
        node.input = inputs
        node.output = (0..<outputs).map { "n\(graph.node.count).\($0)" }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            var attribute = ONNXAttributeProto()
            attribute.name = name
            switch value {
            case .integer(let integer): (attribute.type, attribute.i) = (2, Int64(integer))
            case .integers(let integers): (attribute.type, attribute.ints) = (7, integers.map(Int64.init))
            case .text(let text): (attribute.type, attribute.s) = (3, .init(text.utf8))
            case .number(let number): (attribute.type, attribute.f) = (1, Float(number))
            }
            node.attribute.append(attribute)
        }
        graph.node.append(node)
        return node.output
    }

    /// The model; its outputs are those given, or the last node's.
    func model(outputs: [String]? = nil, opset: Int = 18) throws -> ImportedModel {
        try ImportedModel.load(graphFile: try bytes(outputs: outputs, opset: opset), named: "case")
    }

    /// The same as a file.
    func bytes(outputs: [String]? = nil, opset: Int = 18) throws -> [UInt8] {
        var model = ONNXModelProto()
        var operators = ONNXOperatorSetIdProto()
        operators.version = Int64(opset)
        model.irVersion = 8
        model.opsetImport = [operators]
        model.graph = graph
        model.graph.output = (outputs ?? graph.node.last?.output ?? []).map { name in
            var info = ONNXValueInfoProto()
            info.name = name
            return info
        }
        return try model.serializedBytes(partial: true)
    }

    mutating func randomInputs() -> [Tensor] {
        inputShapes.map { shape in
            Tensor(
                shape: shape, floats: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
        }
    }

    private static func value(_ name: String, _ shape: [Int]) -> ONNXValueInfoProto {
        var info = ONNXValueInfoProto()
        info.name = name
        info.type.tensorType.elemType = 1
        info.type.tensorType.shape = .init()
        for extent in shape {
            var dimension = ONNXTensorShapeProto.Dimension()
            dimension.dimValue = Int64(extent)
            info.type.tensorType.shape.dim.append(dimension)
        }
        return info
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func chance(_ probability: Double) -> Bool { generator.chance(probability) }
    mutating func pick<Value>(_ values: [Value]) -> Value { values[int(0...values.count - 1)] }
    mutating func ints(_ count: Int, _ range: ClosedRange<Int>) -> [Int] { (0..<count).map { _ in int(range) } }
}

/// A kind of operator with its random cases.
struct OperatorKind: Sendable, CustomTestStringConvertible {
    let name: String
    /// Adds one operator of random shape to a sketch and returns the outputs.
    let build: @Sendable (inout ModelSketch) -> [String]
    /// Ways in which some of its cases can be shared: axes of the result.
    let axes: Set<Int>

    var testDescription: String { name }
}
