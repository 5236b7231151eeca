import ModelGraph
import Testing

@Suite struct LayerTests {
    @Test func `a chain can be cut between any two operators`() throws {
        let graph = try ModelGraph(Samples.chain())
        #expect(graph.cutPoints == [0, 1, 2, 3, 4, 5])
        #expect(graph.layers(.operator).map(\.operators) == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5])
    }

    @Test func `layers start at convolutions and linear operators`() throws {
        let graph = try ModelGraph(Samples.chain())
        let layers = graph.layers(.layer)
        #expect(layers.map(\.operators) == [0..<4, 4..<5])
        #expect(layers.map(\.name) == ["Conv of c", "Gemm of y"])
        #expect(layers.map(\.inputTensor) == ["x", "f"])
        #expect(layers.map(\.outputTensor) == ["f", "y"])
    }

    @Test func `what a layer needs and gives is counted in bytes`() throws {
        let layers = try ModelGraph(Samples.chain()).layers(.layer)
        #expect(layers.map(\.weightBytes) == [4 * (4 * 27 + 4), 4 * (640 + 10)])
        #expect(layers.map(\.weights) == [["w1", "b1"], ["w2", "b2"]])
        #expect(layers.map(\.outputBytes) == [4 * 64, 4 * 10])
        #expect(layers.map(\.flop).reduce(0, +) == (try ModelGraph(Samples.chain()).flop))
    }

    @Test func `a residual block is not cut inside`() throws {
        let graph = try ModelGraph(Samples.residual())
        #expect(graph.cutPoints == [0, 1, 5, 6])
        #expect(graph.layers(.operator).map(\.operators) == [0..<1, 1..<5, 5..<6])
        #expect(graph.layers(.layer).map(\.operators) == [0..<6])
    }

    @Test func `shape arithmetic breaks no cut point and costs nothing`() throws {
        var description = try Samples.chain()
        description.nodes[3] = Samples.node("Reshape", ["p", "target"], ["f"])
        description.nodes += [
            Samples.node("Shape", ["x"], ["s"]),
            Samples.node("Gather", ["s", "zero"], ["batch"]),
            Samples.node("Concat", ["batch", "rest"], ["target"], ["axis": .integer(0)]),
        ]
        description.initializers += [
            .init(name: "zero", type: try TensorType(.int64, [1]), value: try .vector([0])),
            .init(name: "rest", type: try TensorType(.int64, [1]), value: try .vector([-1])),
        ]
        let graph = try ModelGraph(description)
        #expect(graph.operators.map(\.type) == ["Conv", "Relu", "MaxPool", "Reshape", "Gemm"])
        #expect(graph.cutPoints == [0, 1, 2, 3, 4, 5])
        #expect(graph.constants["target"] == .value(try .vector([1, -1])))
        #expect(graph.flop == (try ModelGraph(Samples.chain()).flop))
        #expect(graph.weightBytes == (try ModelGraph(Samples.chain()).weightBytes))
    }

    @Test func `a weight behind an operator on constants is counted where it is used`() throws {
        let graph = try ModelGraph(
            GraphDescription(
                name: "turned",
                nodes: [
                    Samples.node("Transpose", ["w"], ["t"]),
                    Samples.node("MatMul", ["x", "t"], ["y"]),
                ],
                inputs: [try Samples.value("x", [2, 64])], outputs: ["y"],
                initializers: [try Samples.value("w", [32, 64])]))
        #expect(graph.operators.map(\.type) == ["MatMul"])
        #expect(graph.layers(.layer).map(\.weights) == [["w"]])
        #expect(graph.constants["t"] == .node(0))
        #expect(graph.weightBytes == 4 * 32 * 64)
    }

    @Test func `a weight that two layers share is counted in each, and once in the model`() throws {
        var description = try Samples.residual()
        description.nodes[3].inputs[1] = "w1"
        let graph = try ModelGraph(description)
        #expect(graph.weightBytes == 4 * 4 * 4 * 9)
        #expect(graph.weights(of: 0..<6) == ["w1"])
        #expect(graph.weights(of: 3..<4) == ["w1"])
    }

    @Test func `a model with two inputs is one layer until they have met`() throws {
        let graph = try ModelGraph(
            GraphDescription(
                name: "two",
                nodes: [
                    Samples.node("Relu", ["a"], ["ra"]),
                    Samples.node("Add", ["ra", "b"], ["s"]),
                    Samples.node("Relu", ["s"], ["y"]),
                ],
                inputs: [try Samples.value("a", [4]), try Samples.value("b", [4])], outputs: ["y"]))
        #expect(graph.cutPoints == [2, 3])
        let layers = graph.layers(.operator)
        #expect(layers.map(\.operators) == [0..<2, 2..<3])
        #expect(layers[0].inputTensors == ["a", "b"])
    }

    @Test func `an output that leaves early stays alive to the end`() throws {
        var description = try Samples.chain()
        description.outputs = ["y", "r"]
        let graph = try ModelGraph(description)
        #expect(graph.cutPoints == [0, 1, 2])
        #expect(graph.layers(.operator).last?.outputTensors == ["y", "r"])
    }

    @Test func `nodes out of order are put in order, and needless ones left out`() throws {
        var description = try Samples.chain()
        description.nodes.reverse()
        description.nodes.append(Samples.node("Relu", ["c"], ["unused"]))
        let graph = try ModelGraph(description)
        #expect(graph.operators.map(\.type) == ["Conv", "Relu", "MaxPool", "Flatten", "Gemm"])
    }

    @Test func `operators and layers have names of their own where nodes share one`() throws {
        var description = try Samples.chain()
        for position in description.nodes.indices { description.nodes[position].name = "same" }
        let graph = try ModelGraph(description)
        #expect(Set(graph.operators.map(\.name)).count == 5)
        #expect(Set(graph.layers(.operator).map(\.name)).count == 5)
    }
}
