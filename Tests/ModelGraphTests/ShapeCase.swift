import Foundation
import ModelGraph
import TestKit
import Testing

/// One operator that was really run (Tests/Fixtures/shapes), with what came out of it.
struct ShapeCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Value: Decodable, Sendable {
        let elementType: String
        let shape: [Int]
        let values: [Double]?
        let constant: Bool?

        enum CodingKeys: String, CodingKey {
            case elementType = "element_type"
            case shape, values, constant
        }
    }

    struct Attribute: Decodable, Sendable {
        let integer: Int64?
        let integers: [Int64]?
        let number: Double?
        let text: String?
        let tensor: Value?
    }

    let `operator`: String
    let opset: Int
    let inputs: [Value?]
    let attributes: [String: Attribute]
    let outputs: [Value]
    let folded: Bool

    var testDescription: String {
        "\(`operator`)(\(inputs.map { $0.map { "\($0.shape)" } ?? "-" }.joined(separator: ", ")))"
    }

    static let all: [ShapeCase] = {
        guard let data = FileManager.default.contents(atPath: Fixtures.path("shapes/cases.jsonl")) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(ShapeCase.self, from: Data($0))
        }
    }()

    static func all(of operators: Set<String>, folded: Bool = false) -> [ShapeCase] {
        all.filter { operators.contains($0.operator) && $0.folded == folded }
    }
}

extension ShapeCase.Value {
    func type() throws -> TensorType {
        guard let known = ElementType(rawValue: elementType) else { throw UnknownElementType(name: elementType) }
        return try TensorType(known, shape)
    }

    func value() throws -> ConstantValue? {
        guard let values else { return nil }
        let type = try type()
        return try ConstantValue(
            type, type.elementType.isFloatingPoint ? .numbers(values) : .integers(values.map { Int64(clamped: $0) }))
    }
}

struct UnknownElementType: Error {
    let name: String
}

extension Int64 {
    /// JSON readers give ends such as 2^63 - 1 as doubles.
    init(clamped value: Double) {
        self = value >= 9.2e18 ? .max : value <= -9.2e18 ? .min : Int64(value)
    }
}

extension ShapeCase {
    /// The case as a graph. Where the operator works on constants only, its results are joined to an activation, for a
    /// graph keeps nothing that no input reaches.
    func graph() throws -> ModelGraph {
        var activations: [GraphDescription.Value] = []
        var constants: [GraphDescription.Value] = []
        var names: [String] = []
        for (position, input) in inputs.enumerated() {
            names.append(input == nil ? "" : "i\(position)")
            guard let input else { continue }
            let value = GraphDescription.Value(name: "i\(position)", type: try input.type(), value: try input.value())
            if input.constant == true { constants.append(value) } else { activations.append(value) }
        }
        let results = outputs.indices.map { "o\($0)" }
        var nodes = [
            NodeDescription(
                name: "n", type: `operator`, inputs: names, outputs: results,
                attributes: try attributes.mapValues { try $0.value() })
        ]
        guard folded else {
            return try ModelGraph(
                GraphDescription(
                    name: "case", opset: opset, nodes: nodes, inputs: activations, outputs: results,
                    initializers: constants))
        }
        activations.append(.init(name: "x", type: try TensorType(.float32, [1])))
        nodes.append(
            NodeDescription(name: "join", type: "Sum", inputs: ["x"] + results, outputs: ["y"]))
        // Results of a split differ in shape: each is joined on its own.
        if results.count > 1 {
            nodes.removeLast()
            nodes += results.map {
                NodeDescription(name: "join \($0)", type: "Sum", inputs: ["x", $0], outputs: ["y \($0)"])
            }
        }
        return try ModelGraph(
            GraphDescription(
                name: "case", opset: opset, nodes: nodes, inputs: activations,
                outputs: results.count > 1 ? results.map { "y \($0)" } : ["y"], initializers: constants))
    }
}

extension ShapeCase.Attribute {
    func value() throws -> AttributeValue {
        if let integer { return .integer(integer) }
        if let integers { return .integers(integers) }
        if let number { return .number(number) }
        if let text { return .text(text) }
        if let tensor, let value = try tensor.value() { return .tensor(value) }
        return .other
    }
}
