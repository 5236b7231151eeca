import ModelGraph
import NIOCore
import ONNXImport
import Runtime
import Testing

/// What the tensors of runs take is what was planned, and lies in one arena.
@Suite(.serialized) struct ActivationArenaTests {
    private struct Whole {
        let plannedBytes: Int
        /// The same without additions that convolutions take over.
        let plainBytes: Int
        let plain: Segment
        let ordered: Segment
        let input: Tensor
        let store: WeightStore

        init(_ name: String, in folder: String) throws {
            let (stored, store) = try CuttingTests.prepare(name, in: folder)
            let graph = stored.model.graph
            let steps = try FusedAdditions(graph, graph.operators.indices)
            plannedBytes = try ExactOrder(steps.problem).value.peakBytes
            plainBytes = try ExactOrder(try OrderProblem(graph)).value.peakBytes
            plain = try stored.model.segment(operators: graph.operators.indices)
            ordered = try stored.model.segment(
                operators: graph.operators.indices,
                listing: try steps.listing())
            input = Support.randomTensor(
                shape: try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape }), seed: 3)
            self.store = store
        }

        func session(_ segment: Segment, _ runtime: OnnxRuntime) throws -> InferenceSession {
            try InferenceSession(
                runtime: runtime, model: segment.modelBytes, options: .init(weightsDirectory: store.directory))
        }
    }

    /// ONNX Runtime lays channels out in blocks, and convolutions take additions over, on some processors only.
    static var planned: [String] {
        #if arch(x86_64)
            ["squeezenet1_1", "googlenet", "mobilenet_v3_large", "resnet50"]
        #else
            ["squeezenet1_1", "googlenet", "mobilenet_v3_large"]
        #endif
    }

    @Test(arguments: planned)
    func `a run takes what was planned, within two percent`(name: String) throws {
        try Support.withFolder { folder in
            let whole = try Whole(name, in: folder)
            let session = try whole.session(whole.ordered, try OnnxRuntime.load())
            try session.warmUp()
            for _ in 0..<3 { _ = try session.run([whole.input]) }
            let memory = session.activations
            let peakBytes = try #require(memory.lastPeakBytes)
            let arenaBytes = try #require(memory.arenaBytes)
            #expect(memory.recordedPeakBytes == peakBytes)
            #expect(memory.arenaRuns == 3 && memory.heapRuns == 1)
            let share = Double(peakBytes) / Double(whole.plannedBytes) - 1
            #expect(abs(share) <= 0.02, "\(name): \(peakBytes) bytes, \(share * 100) % from \(whole.plannedBytes)")
            #expect(peakBytes <= whole.plainBytes + whole.plainBytes / 50)
            #expect(Double(arenaBytes) <= 1.02 * Double(peakBytes), "\(name): an arena of \(arenaBytes) bytes")
        }
    }

    @Test(arguments: ["digits", "squeezenet1_1", "googlenet", "resnet50"])
    func `results are the same bit for bit in the arena, on the heap and in both listings`(name: String) throws {
        try Support.withFolder { folder in
            let whole = try Whole(name, in: folder)
            let runtime = try OnnxRuntime.load()
            let plain = try whole.session(whole.plain, runtime)
            let expected = try plain.run([whole.input])
            let session = try whole.session(whole.ordered, runtime)
            for _ in 0..<4 { #expect(try session.run([whole.input]) == expected) }
            #expect(session.activations.arenaRuns == 3)
        }
    }

    /// Several outputs lie in the arena too, each from the operator that gives it to beyond the end of the run.
    @Test(arguments: ["squeezenet1_1", "googlenet", "resnet50"])
    func `segments of several outputs give the same bit for bit in the arena as on the heap`(name: String) throws {
        try Support.withFolder { folder in
            let (stored, store) = try CuttingTests.prepare(name, in: folder)
            let graph = stored.model.graph
            let shape = try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape })
            let input = Support.randomTensor(shape: shape, seed: 3)
            let runtime = try OnnxRuntime.load()
            var segments = 0
            for end in 2..<graph.operators.count where segments < 8 {
                let segment = try stored.model.segment(operators: 0..<end)
                guard segment.outputs.count > 1 else { continue }
                segments += 1
                let session = try InferenceSession(
                    runtime: runtime, model: segment.modelBytes, options: .init(weightsDirectory: store.directory))
                // The run that is recorded has its memory from the heap.
                let expected = try session.run([input])
                for _ in 0..<3 { #expect(try session.run([input]) == expected, "operators before \(end)") }
                #expect(session.activations.arenaRuns == 3)
            }
            #expect(segments > 0)
        }
    }

    @Test func `several runs at once give each its own result`() async throws {
        try await Support.withFolder { folder in
            let whole = try Whole("squeezenet1_1", in: folder)
            let session = try whole.session(whole.ordered, try OnnxRuntime.load())
            try session.warmUp()
            let inputs = (0..<8).map { Support.randomTensor(shape: whole.input.shape, seed: UInt64($0)) }
            let expected = try inputs.map { try session.run([$0]) }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<48 {
                    group.addTask { try session.run([inputs[index % 8]]) == expected[index % 8] }
                }
                for try await isSame in group { #expect(isSame) }
            }
            let memory = session.activations
            #expect(memory.arenaRuns + memory.heapRuns == 1 + 8 + 48)
            #expect(memory.arenaRuns >= 9)
        }
    }

    @Test func `sessions share one arena, which goes with them`() throws {
        try Support.withFolder { folder in
            let small = try Whole("digits", in: folder + "/digits")
            let large = try Whole("squeezenet1_1", in: folder + "/squeezenet")
            let runtime = try OnnxRuntime.load()
            for _ in 0..<3 {
                #expect(runtime.arenaBytes == 0)
                let one = try small.session(small.ordered, runtime)
                try one.warmUp()
                #expect(runtime.arenaBytes == one.activations.arenaBytes)
                do {
                    let other = try large.session(large.ordered, runtime)
                    for _ in 0..<2 { try other.warmUp() }
                    try one.warmUp()
                    #expect(other.activations.arenaRuns == 1 && one.activations.arenaRuns == 1)
                    #expect(runtime.arenaBytes == other.activations.arenaBytes)
                }
                try one.warmUp()
                #expect(runtime.arenaBytes == one.activations.arenaBytes)
                #expect(one.activations.arenaRuns == 2)
            }
            #expect(runtime.arenaBytes == 0)
        }
    }

    @Test func `runs of other shapes than the recorded one come from the heap and are right`() throws {
        let runtime = try OnnxRuntime.load()
        let session = try InferenceSession(runtime: runtime, model: try Support.bytes("tiny/affine.onnx"))
        for rows in (1...12) + [3, 3, 3] {
            let values = (0..<rows * 3).map(Float.init)
            #expect(
                try session.run([Tensor(shape: [rows, 3], floats: values)]).first?.floats == values.map { 2 * $0 + 1 })
        }
        let memory = session.activations
        #expect(memory.arenaRuns + memory.heapRuns == 15)
    }
}
