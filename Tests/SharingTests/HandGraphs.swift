import ModelGraph
import Sharing

/// Small graphs written by hand.
enum HandGraphs {
    static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: AttributeValue] = [:]
    ) -> NodeDescription {
        NodeDescription(name: output, type: type, inputs: inputs, outputs: [output], attributes: attributes)
    }

    static func graph(
        inputs: [(String, [Int])], weights: [(String, [Int])], outputs: [String], _ nodes: [NodeDescription]
    ) throws -> SharedGraph {
        SharedGraph(
            try ModelGraph(
                GraphDescription(
                    name: "hand", nodes: nodes,
                    inputs: try inputs.map { .init(name: $0.0, type: try TensorType(.float32, $0.1)) },
                    outputs: outputs,
                    initializers: try weights.map { .init(name: $0.0, type: try TensorType(.float32, $0.1)) })))
    }

    /// Two convolutions of 3 x 3 with padding 1 over 4 channels of 12 x 10, and a skip connection.
    static func residual() throws -> SharedGraph {
        let pads: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        return try graph(
            inputs: [("x", [1, 4, 12, 10])], weights: [("w1", [4, 4, 3, 3]), ("w2", [4, 4, 3, 3])], outputs: ["y"],
            [
                node("Conv", ["x", "w1"], "a", pads), node("Relu", ["a"], "b"), node("Conv", ["b", "w2"], "c", pads),
                node("Add", ["c", "x"], "y"),
            ])
    }
}
