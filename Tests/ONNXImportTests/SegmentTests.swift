import ModelGraph
import ONNXImport
import Testing

@Suite struct SegmentTests {
    private func segments(_ model: ImportedModel, _ ranges: [Range<Int>]) throws -> [Segment] {
        try ranges.map { try model.segment(operators: $0) }
    }

    @Test func `a segment takes in what it needs and gives what is needed after it`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        let (first, second) = (try model.segment(operators: 0..<2), try model.segment(operators: 2..<4))
        #expect(first.inputs.map(\.name) == ["x"])
        #expect(first.outputs.map(\.name) == ["r"])
        #expect(first.outputs.map(\.shape) == [[1, 4, 6, 6]])
        #expect(second.inputs == first.outputs)
        #expect(second.outputs.map(\.name) == ["y"])
        #expect(first.weights.isEmpty)
        #expect(second.weights.map(\.name) == ["w2"])
        #expect(second.weights.map(\.shape) == [[144, 8]])
        #expect(second.weights.map(\.byteCount) == [4608])
    }

    @Test func `a segment is a model of its own, without the shape arithmetic that read a tensor outside`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        let segment = try ImportedModel.load(graphFile: model.segment(operators: 2..<4).modelBytes)
        #expect(segment.graph.inputs == ["r"])
        #expect(segment.graph.operators.map(\.type) == ["Reshape", "MatMul"])
        #expect(segment.graph.nodes.count == 2)
        #expect(segment.graph.tensors["y"]?.type.shape == [1, 8])
    }

    @Test func `a segment from the content-addressed form is the same`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        let again = try ImportedModel.load(graphFile: model.contentAddressed().graphFile)
        for range in [0..<1, 1..<3, 0..<4] {
            #expect(try again.segment(operators: range) == model.segment(operators: range))
        }
    }

    @Test func `a weight that two segments share is a weight of both`() throws {
        let zeros = [UInt8](repeating: 0, count: 32 * 32 * 4)
        let model = try ImportedModel.load(
            graphFile: Wire.model(
                Wire.graph(
                    nodes: [
                        Wire.node("Gather", ["w", "x"], ["e"]),
                        Wire.node("Relu", ["e"], ["r"]),
                        Wire.node("Transpose", ["w"], ["t"]),
                        Wire.node("MatMul", ["r", "t"], ["y"]),
                    ], inputs: [Wire.value("x", [1, 5], type: 7)], outputs: [Wire.value("y", [1, 5, 32])],
                    initializers: [Wire.tensor("w", [32, 32], raw: zeros)])))
        let parts = try segments(model, [0..<1, 1..<2, 2..<3])
        #expect(parts.map { $0.weights.map(\.name) } == [["w"], [], ["w"]])
        #expect(parts[0].weights.map(\.sha256) == parts[2].weights.map(\.sha256))
        let last = try ImportedModel.load(graphFile: parts[2].modelBytes)
        #expect(last.graph.nodes.map(\.type) == ["Transpose", "MatMul"])
        #expect(model.graph.weightBytes == 4096)
    }

    @Test func `any cut of the model gives segments whose ends meet`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        for cut in 1..<4 {
            let parts = try segments(model, [0..<cut, cut..<4])
            #expect(parts[0].outputs == parts[1].inputs)
            for part in parts {
                let own = try ImportedModel.load(graphFile: part.modelBytes)
                #expect(own.graph.outputs == part.outputs.map(\.name))
            }
        }
    }

    @Test func `a range of layers is a segment`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        let layers = model.graph.layers(.layer)
        #expect(try model.segment(layers: layers[...]).operators == 0..<4)
        #expect(try model.segment(layers: layers[1...]).operators == 3..<4)
    }

    @Test func `a range outside the model or an empty one is refused`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        for range in [0..<0, 3..<5, -1..<2] {
            let error = #expect(throws: ImportError.self) { try model.segment(operators: range) }
            #expect(error?.description.contains("\(range)") == true)
        }
        #expect(throws: ImportError.self) { try model.segment(layers: []) }
    }
}
