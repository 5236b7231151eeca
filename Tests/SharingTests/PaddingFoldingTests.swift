import Costs
import ModelGraph
import ONNXImport
import Runtime
import Testing

/// Padding that convolutions do themselves, so that nobody plans for a copy.
@Suite struct PaddingFoldingTests {
    /// Pad and Conv, and whatever else reads what is padded.
    private static func sketch(
        seed: UInt64 = 1, pads: [Int] = [0, 0, 1, 2, 0, 0, 3, 0], mode: String? = nil, value: Float? = nil,
        convolution: [String: ModelSketch.Attribute] = [:], alsoRelu: Bool = false, alsoConvolution: Bool = false
    ) -> ModelSketch {
        var sketch = ModelSketch(SeededGenerator(seed: seed))
        let x = sketch.input([1, 3, 9, 7])
        var inputs = [x, sketch.integers(pads)]
        if let value { inputs.append(sketch.numbers([value], scalar: true)) }
        let padded = sketch.node("Pad", inputs, mode.map { ["mode": .text($0)] } ?? [:])[0]
        var last = sketch.node("Conv", [padded, sketch.weight([4, 3, 3, 3])], convolution)[0]
        if alsoConvolution {
            let other = sketch.node("Conv", [padded, sketch.weight([4, 3, 3, 3])], convolution)[0]
            last = sketch.node("Add", [last, other])[0]
        }
        if alsoRelu {
            let other = sketch.node("Relu", [padded])[0]
            sketch.node("Add", [sketch.node("ReduceMean", [other])[0], last])
        } else {
            sketch.node("Relu", [last])
        }
        return sketch
    }

    @Test(arguments: [
        sketch(), sketch(seed: 2, convolution: ["pads": .integers([1, 0, 0, 2])]), sketch(seed: 3, value: 0),
        sketch(seed: 4, mode: "constant", convolution: ["strides": .integers([2, 2])]),
        sketch(seed: 5, alsoConvolution: true), sketch(seed: 6, convolution: ["auto_pad": .text("NOTSET")]),
    ])
    func `the result is that of the file as it is`(sketch: ModelSketch) throws {
        var sketch = sketch
        let model = try sketch.model()
        #expect(model.graph.operators.allSatisfy { $0.type != "Pad" })
        #expect(model.notes.count == 1 && model.notes[0].hasPrefix("1 Pad operator folded into"))
        let inputs = sketch.randomInputs()
        let runtime = try InProcess.runtime.get()
        let original = try InferenceSession(runtime: runtime, model: try sketch.bytes(), name: "the file").run(inputs)
        let folded = try model.segment(operators: 0..<model.graph.operators.count)
        let result = try InferenceSession(runtime: runtime, model: folded.modelBytes, name: "folded").run(inputs)
        #expect(original.count == 1 && (original[0].floats?.contains { $0 != 0 } ?? false))
        #expect(Exactness.excess(result, original) <= 1)
    }

    @Test(arguments: [
        sketch(pads: [0, 0, 1, -1, 0, 0, 1, 1]), sketch(mode: "edge"), sketch(value: 0.5),
        sketch(convolution: ["auto_pad": .text("SAME_UPPER")]), sketch(alsoRelu: true),
    ])
    func `what a convolution would not do itself stays as it is`(sketch: ModelSketch) throws {
        let model = try sketch.model()
        #expect(model.graph.operators.contains { $0.type == "Pad" })
        #expect(model.notes.isEmpty)
    }
}
