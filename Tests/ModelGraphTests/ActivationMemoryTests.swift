import ModelGraph
import Testing

@Suite struct ActivationMemoryTests {
    private func chain(_ types: [String], shape: [Int] = [1, 4, 4, 4]) throws -> ModelGraph {
        try ModelGraph(
            GraphDescription(
                name: "chain",
                nodes: types.enumerated().map { Samples.node($0.element, ["t\($0.offset)"], ["t\($0.offset + 1)"]) },
                inputs: [try Samples.value("t0", shape)], outputs: ["t\(types.count)"]))
    }

    @Test func `an element-wise operator writes over its input`() throws {
        #expect(try chain(["Relu"]).activationPeakBytes(of: 0..<1) == 256)
    }

    @Test func `other operators hold input and output`() throws {
        #expect(try chain(["Transpose"]).activationPeakBytes(of: 0..<1) == 512)
        #expect(try chain(["GlobalAveragePool"]).activationPeakBytes(of: 0..<1) == 256 + 16)
    }

    @Test func `a tensor dies after its last reader`() throws {
        #expect(try chain(["Transpose", "Transpose", "Transpose"]).activationPeakBytes(of: 0..<3) == 512)
    }

    @Test func `a residual connection keeps its tensor alive, and what is still read is not written over`() throws {
        let graph = try ModelGraph(Samples.residual())
        // While a convolution runs: the block's input, the convolution's input and its output.
        #expect(graph.activationPeakBytes(of: 1..<5) == 3 * 1024)
        #expect(graph.activationPeakBytes(of: 1..<2) == 2 * 1024)
    }

    @Test func `results that nobody reads are live only while their operator runs`() throws {
        let graph = try ModelGraph(
            GraphDescription(
                name: "two results",
                nodes: [
                    NodeDescription(
                        name: "split", type: "Split", inputs: ["x"], outputs: ["a", "b"],
                        attributes: ["num_outputs": .integer(2)]),
                    Samples.node("Transpose", ["a"], ["y"]),
                ],
                inputs: [try Samples.value("x", [4, 64])], outputs: ["y"]))
        #expect(graph.activationPeakBytes(of: 0..<1) == 2048)
        #expect(graph.activationPeakBytes(of: 0..<2) == 2048)
        #expect(graph.activationPeakBytes(of: 1..<2) == 1024)
    }
}
