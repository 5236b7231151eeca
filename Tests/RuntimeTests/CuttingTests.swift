import Costs
import ModelGraph
import ONNXImport
import Runtime
import Testing

/// Cutting a model anywhere changes nothing: segments run one after another give what the whole gives.
@Suite(.serialized) struct CuttingTests {
    static let models = ["digits", "mobilenet_v3_large", "resnet50", "squeezenet1_1", "googlenet"]
    /// The model with weights, in a store in this folder. Digits has trained ones, the others get seeded ones.
    static func prepare(_ name: String, in folder: String) throws -> (StoredModel, WeightStore) {
        let store = try WeightStore(directory: folder + "/weights")
        if name == "digits" {
            return (try StoredModel(path: Support.fixture("digits/digits.onnx"), into: store), store)
        }
        let filled = try ImportedModel.load(path: Support.fixture("models/\(name).onnx"))
            .fillWeights(seed: 11, into: folder + "/filled")
        return (try StoredModel(path: filled.graphFile, into: store), store)
    }

    /// Runs ranges of operators, each a session of its own, in order.
    private func run(
        _ ranges: [Range<Int>], _ model: ImportedModel, _ store: WeightStore, _ input: Tensor
    ) throws -> Tensor {
        var tensor = input
        for range in ranges {
            let segment = try model.segment(operators: range)
            let session = try InferenceSession(
                runtime: try Support.runtime.get(), model: segment.modelBytes, name: "operators \(range)",
                options: .init(weightsDirectory: store.directory))
            tensor = try #require(try session.run([tensor]).first)
        }
        return tensor
    }

    @Test(arguments: models)
    func `every cut over two boards and random assignments over four give the unsplit result`(name: String) throws {
        try Support.withFolder { folder in
            let (stored, store) = try Self.prepare(name, in: folder)
            let graph = stored.model.graph
            let shape = try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape })
            let input = Support.randomTensor(shape: shape, seed: 5)
            let whole = try run([0..<graph.operators.count], stored.model, store, input)
            let expected = try #require(whole.floats)
            #expect(expected.contains { $0 != expected[0] }, "the result must tell something")
            let cuts = graph.cutPoints.filter { $0 > 0 && $0 < graph.operators.count }
            #expect(cuts.count >= 5)
            for cut in cuts {
                let result = try run([0..<cut, cut..<graph.operators.count], stored.model, store, input)
                #expect(Support.relativeDifference(result, whole) <= Support.tolerance, "cut before operator \(cut)")
            }
            var generator = SeededGenerator(seed: 77)
            let layers = graph.layers(.operator)
            for round in 0..<20 {
                // A random assignment over four boards: what neighbours share is one segment.
                let boards = layers.map { _ in Int.random(in: 0..<4, using: &generator) }
                var ranges: [Range<Int>] = []
                for (index, layer) in layers.enumerated() {
                    if index > 0, boards[index] == boards[index - 1], let last = ranges.popLast() {
                        ranges.append(last.lowerBound..<layer.operators.upperBound)
                    } else {
                        ranges.append(layer.operators)
                    }
                }
                let result = try run(ranges, stored.model, store, input)
                #expect(
                    Support.relativeDifference(result, whole) <= Support.tolerance, "assignment \(round): \(ranges)")
            }
        }
    }
}
