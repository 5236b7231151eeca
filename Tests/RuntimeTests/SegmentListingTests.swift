import ModelGraph
import NIOCore
import ONNXImport
import Runtime
import Testing

/// How a segment lists its operators, which decides the order in which ONNX Runtime runs them.
@Suite struct SegmentListingTests {
    @Test(arguments: ["squeezenet1_1", "mobilenet_v3_large", "resnet50", "googlenet", "inception_v3"])
    func `the walk needs no more than the exact order at its peak, and is it where branches follow one another`(
        name: String
    ) throws {
        let graph = try ImportedModel.load(path: Support.fixture("models/\(name).onnx")).graph
        let problem = try OrderProblem(graph)
        let exact = try ExactOrder(problem)
        let walk = DepthFirstOrder(problem, near: exact.order)
        let file = OrderMemory(problem, DepthFirstOrder.walk(problem, listing: Array(problem.operators.indices)))
        #expect(walk.value.peakBytes == exact.value.peakBytes)
        if ["googlenet", "inception_v3"].contains(name) {
            // The exact order goes to and fro between branches, which a walk cannot.
            #expect(walk.value.areaBytes < file.areaBytes)
        } else {
            #expect(walk.value == exact.value)
        }
    }

    @Test(arguments: ["digits", "squeezenet1_1", "googlenet", "resnet50"])
    func `results are the same bit for bit in every listing`(name: String) throws {
        try Support.withFolder { folder in
            let (stored, store) = try CuttingTests.prepare(name, in: folder)
            let graph = stored.model.graph
            let all = graph.operators.indices
            let input = Support.randomTensor(
                shape: try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape }), seed: 3)
            let runtime = try OnnxRuntime.load()
            let listings = [nil, try FusedAdditions(graph, all).listing(), Array(all.reversed())]
            let results = try listings.map { listing in
                try InferenceSession(
                    runtime: runtime, model: try stored.model.segment(operators: all, listing: listing).modelBytes,
                    options: .init(weightsDirectory: store.directory)
                ).run([input])
            }
            #expect(results[1] == results[0] && results[2] == results[0])
        }
    }
}
