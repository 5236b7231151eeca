import ModelGraph
import Testing

@Suite struct GraphErrorTests {
    private func refuses(_ change: (inout GraphDescription) throws -> Void, saying words: String...) throws {
        var description = try Samples.chain()
        try change(&description)
        let error = #expect(throws: GraphError.self) { try ModelGraph(description) }
        for word in words {
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "") / \(word)")
        }
    }

    @Test func `an unknown operator is named with its node`() throws {
        try refuses({ $0.nodes[1].type = "Teleport" }, saying: "Teleport", "'Relu of r'")
        try refuses({ $0.nodes[1].domain = "com.example" }, saying: "com.example", "Relu")
    }

    @Test(arguments: ["If", "Loop", "Scan"]) func `control flow is refused by its name`(_ type: String) throws {
        try refuses({ $0.nodes[1].type = type }, saying: "control flow", type)
    }

    @Test func `an operator with a nested graph is control flow`() throws {
        try refuses({ $0.nodes[1].attributes["body"] = .graph }, saying: "control flow", "Relu")
    }

    @Test func `a cycle is refused with one of its nodes`() throws {
        try refuses({ $0.nodes[0].inputs[0] = "f" }, saying: "cycle")
    }

    @Test func `a tensor that nothing produces is refused with its user`() throws {
        try refuses({ $0.nodes[2].inputs = ["nowhere"] }, saying: "'nowhere'", "'MaxPool of p'")
        try refuses({ $0.outputs = ["nowhere"] }, saying: "'nowhere'")
    }

    @Test func `a name that is produced twice is refused`() throws {
        try refuses({ $0.nodes[2].outputs = ["r"] }, saying: "'r'", "twice")
        try refuses({ $0.initializers.append(try Samples.value("x", [1])) }, saying: "'x'", "twice")
        try refuses({ $0.outputs = ["y", "y"] }, saying: "'y'", "twice")
    }

    @Test func `an operator set that is too old or too new is refused`() throws {
        try refuses({ $0.opset = 8 }, saying: "version 8")
        try refuses({ $0.opset = 99 }, saying: "version 99")
    }

    @Test func `a graph whose outputs depend on no input is refused`() throws {
        try refuses({ $0.outputs = ["w1"] }, saying: "'w1'")
        try refuses({ $0.outputs = ["x"] }, saying: "'x'")
        try refuses({ $0.outputs = [] }, saying: "no operator")
    }

    @Test func `a shape that depends on values is refused as unknown`() throws {
        try refuses(
            {
                $0.nodes[3] = Samples.node("Reshape", ["p", "target"], ["f"])
                $0.inputs.append(try Samples.value("target", [2], .int64))
            }, saying: "'f'", "not known")
    }

    @Test(
        arguments: [
            ("strides", AttributeValue.integers([0, 1])), ("strides", .integers([1])),
            ("pads", .integers([-9, 0, 0, 0])),
            ("pads", .integers([.min, 0, 0, 0])), ("dilations", .integers([1 << 40, 1])), ("group", .integer(0)),
            ("group", .integer(.max)), ("kernel_shape", .integers([5, 5])), ("auto_pad", .text("SIDEWAYS")),
            ("strides", .text("two")), ("pads", .integers([Int64](repeating: 1, count: 1000))),
        ])
    func `a convolution with senseless attributes is refused`(_ name: String, _ value: AttributeValue) throws {
        try refuses({ $0.nodes[0].attributes[name] = value }, saying: "'Conv of c'")
    }

    @Test func `weights that do not fit are refused`() throws {
        try refuses({ $0.initializers[0] = try Samples.value("w1", [4, 5, 3, 3]) }, saying: "'Conv of c'", "channels")
        try refuses({ $0.initializers[1] = try Samples.value("b1", [5]) }, saying: "bias")
        try refuses({ $0.initializers[2] = try Samples.value("w2", [10, 65]) }, saying: "'Gemm of y'", "inner")
    }

    @Test func `tensors beyond the limits are refused before anything is allocated`() {
        #expect(throws: GraphError.self) { try TensorType(.float32, [1 << 31]) }
        #expect(throws: GraphError.self) { try TensorType(.float32, [1 << 20, 1 << 20, 1 << 20]) }
        #expect(throws: GraphError.self) { try TensorType(.float64, [1 << 20, 1 << 18]) }
        #expect(throws: GraphError.self) { try TensorType(.float32, [Int](repeating: 1, count: 17)) }
        #expect(throws: GraphError.self) { try TensorType(.float32, [-1]) }
    }

    @Test func `an operator of thousands of inputs is refused`() throws {
        try refuses(
            { $0.nodes[1] = Samples.node("Sum", [String](repeating: "c", count: 5000), ["r"]) }, saying: "5000", "4096")
    }

    @Test func `weights that pile up along a chain of constants are refused before memory is`() throws {
        let length = 4000
        var description = try Samples.chain()
        description.initializers = try (0...length).map { try Samples.value("w\($0)", [4]) }
        description.inputs = [try Samples.value("x", [4])]
        description.nodes =
            (0..<length).map { Samples.node("Add", [$0 == 0 ? "w0" : "s\($0 - 1)", "w\($0 + 1)"], ["s\($0)"]) }
            + [Samples.node("Add", ["x", "s\(length - 1)"], ["y"])]
        let error = #expect(throws: GraphError.self) { try ModelGraph(description) }
        #expect(error?.description.contains("number of weights") == true)
    }

    @Test func `a long chain of operators is read without recursion`() throws {
        var description = try Samples.chain()
        let length = 20_000
        description.nodes = (0..<length).map { Samples.node("Relu", ["t\($0)"], ["t\($0 + 1)"]) }.reversed()
        description.inputs = [try Samples.value("t0", [1])]
        description.outputs = ["t\(length)"]
        #expect(try ModelGraph(description).operators.count == length)
    }
}
