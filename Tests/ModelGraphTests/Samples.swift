import ModelGraph

/// Small graphs written by hand.
enum Samples {
    static func value(_ name: String, _ shape: [Int], _ type: ElementType = .float32) throws -> GraphDescription.Value {
        .init(name: name, type: try TensorType(type, shape))
    }

    static func node(
        _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: AttributeValue] = [:]
    ) -> NodeDescription {
        NodeDescription(
            name: "\(type) of \(outputs[0])", type: type, inputs: inputs, outputs: outputs, attributes: attributes)
    }

    /// Convolution, ReLU, pooling, flattening, linear: 1x3x8x8 to 1x10.
    static func chain() throws -> GraphDescription {
        GraphDescription(
            name: "chain",
            nodes: [
                node("Conv", ["x", "w1", "b1"], ["c"], ["pads": .integers([1, 1, 1, 1])]),
                node("Relu", ["c"], ["r"]),
                node("MaxPool", ["r"], ["p"], ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])]),
                node("Flatten", ["p"], ["f"]),
                node("Gemm", ["f", "w2", "b2"], ["y"], ["transB": .integer(1)]),
            ],
            inputs: [try value("x", [1, 3, 8, 8])], outputs: ["y"],
            initializers: [
                try value("w1", [4, 3, 3, 3]), try value("b1", [4]), try value("w2", [10, 64]), try value("b2", [10]),
            ])
    }

    /// A chain with a residual block in its middle: x -> Relu -> (Conv -> Relu -> Conv) + itself -> Relu -> y.
    static func residual() throws -> GraphDescription {
        let same: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        return GraphDescription(
            name: "residual",
            nodes: [
                node("Relu", ["x"], ["a"]),
                node("Conv", ["a", "w1"], ["b"], same),
                node("Relu", ["b"], ["c"]),
                node("Conv", ["c", "w2"], ["d"], same),
                node("Add", ["a", "d"], ["e"]),
                node("Relu", ["e"], ["y"]),
            ],
            inputs: [try value("x", [1, 4, 8, 8])], outputs: ["y"],
            initializers: [try value("w1", [4, 4, 3, 3]), try value("w2", [4, 4, 3, 3])])
    }

    static func one(
        _ type: String, inputs: [[Int]], constants: [[Int]] = [], attributes: [String: AttributeValue] = [:],
        opset: Int = 18
    ) throws -> ModelGraph {
        let names = inputs.indices.map { "x\($0)" }
        let constantNames = constants.indices.map { "w\($0)" }
        return try ModelGraph(
            GraphDescription(
                name: "one", opset: opset,
                nodes: [
                    NodeDescription(
                        name: "n", type: type, inputs: names + constantNames, outputs: ["y"], attributes: attributes)
                ],
                inputs: try zip(names, inputs).map { try value($0, $1) }, outputs: ["y"],
                initializers: try zip(constantNames, constants).map { try value($0, $1) }))
    }
}
