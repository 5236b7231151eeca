/// Small models for the tests.
enum Samples {
    /// Convolution, ReLU, reshape by arithmetic on a shape, linear. Weights above and below 1 KiB.
    static func network(
        convolution: [UInt8]? = nil, linear: [UInt8]? = nil, batch: Wire.Dimension = 1, extraNodes: [[UInt8]] = []
    ) -> [UInt8] {
        Wire.model(
            Wire.graph(
                nodes: [
                    Wire.node(
                        "Conv", ["x", "w1", "b1"], ["c"],
                        attributes: [Wire.attribute("pads", integers: [1, 1, 1, 1])]),
                    Wire.node("Relu", ["c"], ["r"]),
                    Wire.node("Shape", ["r"], ["s"]),
                    Wire.node("Gather", ["s", "zero"], ["n"]),
                    Wire.node("Concat", ["n", "rest"], ["t"], attributes: [Wire.attribute("axis", integer: 0)]),
                    Wire.node("Reshape", ["r", "t"], ["f"]),
                    Wire.node("MatMul", ["f", "w2"], ["y"]),
                ] + extraNodes,
                inputs: [Wire.value("x", [batch, 2, 6, 6])], outputs: [Wire.value("y", [batch, 8])],
                initializers: [
                    convolution
                        ?? Wire.tensor("w1", [4, 2, 3, 3], raw: Wire.floats([Float](repeating: 0.5, count: 72))),
                    Wire.tensor("b1", [4], raw: Wire.floats([1, 2, 3, 4])),
                    linear ?? Wire.tensor("w2", [144, 8], raw: [UInt8](repeating: 0, count: 4608)),
                    Wire.tensor("zero", [1], type: 7, raw: Wire.integers([0])),
                    Wire.tensor("rest", [1], type: 7, raw: Wire.integers([-1])),
                ]))
    }

    /// A model that calls a function of its own, which has an attribute.
    static func calling() -> [UInt8] {
        let function = WireWriter.message {
            $0.text(1, "Twice")
            $0.text(4, "a")
            $0.text(5, "b")
            $0.text(6, "axis")
            $0.bytes(7, Wire.node("Softmax", ["a"], ["inner"], attributes: [Wire.attribute("axis", reference: "axis")]))
            $0.bytes(7, Wire.node("Add", ["inner", "inner"], ["b"]))
            $0.bytes(9, Wire.opset("", 18))
            $0.text(10, "local")
        }
        return Wire.model(
            Wire.graph(
                nodes: [
                    Wire.node("Twice", ["x"], ["y"], domain: "local", attributes: [Wire.attribute("axis", integer: 1)]),
                    Wire.node("Twice", ["y"], ["z"], domain: "local", attributes: [Wire.attribute("axis", integer: 0)]),
                ], inputs: [Wire.value("x", [3, 4])], outputs: [Wire.value("z", [3, 4])]),
            opsets: [("", 18), ("local", 1)], functions: [function])
    }
}
