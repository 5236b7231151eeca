import Cluster
import Costs
import Glibc
import Logging
import ModelGraph
import NIOCore
import NIOPosix
import ONNXImport

/// One board through Lamella's runner against ONNX Runtime alone, on the same model and the same thread count.
public enum RunnerBenchmark {
    public struct Outcome: Sendable {
        /// Medians.
        public var directS: Double
        public var runnerS: Double
        /// Of the runner's time: what running the segment took, as the runner reported it. The rest is transport.
        public var segmentS: Double
        public var count: Int

        public var ratio: Double { runnerS / directS }
    }

    /// Alternates between both, so that what else happens on the machine touches both alike.
    ///
    /// - Parameter folder: where the model's blobs are put.
    public static func run(
        modelPath: String, folder: String, repeats: Int, intraThreads: Int = 1
    ) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { group.shutdownGracefully { _ in } }
        let options = RunnerOptions(node: "benchmark", stateDirectory: folder, reportIntervalS: 3600)
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        defer { thread.shutdownGracefully { _ in } }
        let loop = group.next()
        let (record, layerInput, direct) = try await thread.runIfActive(eventLoop: loop) {
            try prepare(modelPath, options, intraThreads)
        }.get()
        let reports = AsyncStream.makeStream(of: RunnerReport.self)
        var logger = Logger(label: "benchmark")
        logger.logLevel = .warning
        let runner = try await Runner.start(options, group: group, logger: logger) {
            reports.continuation.yield($0)
        }
        runner.handle(.configure(.init(intraThreads: intraThreads)))
        runner.handle(.prepare(.init(record: record, placements: [.init(device: "benchmark", node: "benchmark")])))
        try await ready(reports.stream)
        let events = AsyncStream.makeStream(of: TransportClient.Event.self)
        let client = try await TransportClient.connect(to: runner.endpoint, node: "benchmark", group: group) {
            events.continuation.yield($0)
        }
        var answers = events.stream.makeAsyncIterator()
        var directS: [Double] = []
        var runnerS: [Double] = []
        func runDirectly() async throws -> Double {
            let start = MonotonicClock.now
            _ = try await thread.runIfActive(eventLoop: loop) { try direct.run([layerInput]) }.get()
            return (MonotonicClock.now - start).inSeconds
        }
        func runThroughRunner(_ request: Int) async throws -> Double {
            let start = MonotonicClock.now
            client.submit(
                RequestKey(plan: record.id, request: UInt64(request), attempt: 0), model: record.model.name,
                tensor: layerInput)
            guard case .result = await answers.next() else { throw TransportError("the runner gave no result") }
            return (MonotonicClock.now - start).inSeconds
        }
        for request in 0..<repeats + 3 {
            // Each goes first as often as the other: who comes second finds colder caches.
            let before = request % 2 == 0 ? try await runDirectly() : nil
            let measuredS = try await runThroughRunner(request)
            let aloneS: Double
            if let before { aloneS = before } else { aloneS = try await runDirectly() }
            // The first few fill caches and arenas.
            guard request >= 3 else { continue }
            directS.append(aloneS)
            runnerS.append(measuredS)
        }
        let segmentS = await runner.medianSegmentS()
        client.close()
        await runner.stop()
        return Outcome(
            directS: directS.sorted()[directS.count / 2], runnerS: runnerS.sorted()[runnerS.count / 2],
            segmentS: segmentS, count: repeats)
    }

    private static func ready(_ reports: AsyncStream<RunnerReport>) async throws {
        for await report in reports {
            if case .ready = report { return }
            if case .refused(let refused) = report { throw TransportError(refused.reason) }
        }
    }

    /// The model in the store, a plan that gives all of it to one board, an input, and a session of the whole with
    /// all that ONNX Runtime does by itself, its own copies of weights included.
    private static func prepare(
        _ path: String, _ options: RunnerOptions, _ intraThreads: Int
    ) throws -> (PlanRecord, Tensor, InferenceSession) {
        let store = try WeightStore(directory: options.weightsDirectory)
        let (graphFile, weights) = try ImportedModel.load(path: path).contentAddressed()
        let graphSHA256 = try store.put(graphFile)
        for weight in weights {
            try weight.withBytes { try store.put($0, sha256: weight.sha256) }
        }
        let model = try ImportedModel.load(graphFile: graphFile)
        let whole = try model.segment(operators: 0..<model.graph.operators.count)
        let direct = try InferenceSession(
            runtime: try OnnxRuntime.load(), model: whole.modelBytes, name: path,
            options: .init(intraThreads: intraThreads, weightsDirectory: store.directory, repacksWeights: true))
        guard let input = direct.inputs.first, direct.inputs.count == 1, input.elementType == .float32 else {
            throw InferenceError(.input, "\(path) has another input than one of float32, which this measurement feeds")
        }
        var generator = SeededGenerator(seed: 1)
        let shape = input.shape.map { max($0, 1) }
        let floats = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) }
        let record = PlanRecord(
            id: PlanID(term: 1, leader: "benchmark", sequence: 1),
            model: ModelRecord(
                name: "benchmark", version: 1, graphSHA256: graphSHA256, graphBytes: graphFile.count,
                weightBytes: weights.reduce(0) { $0 + $1.byteCount }, holders: [], source: "benchmark",
                destination: "benchmark"),
            participants: ["benchmark"], granularity: .layer, reason: "a measurement",
            plan: Plan(
                planner: "none", objective: .latency, latencyS: 0, computeS: 0, transferS: 0, weightsS: 0,
                layers: model.graph.layers(.layer).map { .init(index: $0.index, name: $0.name, device: "benchmark") },
                devices: [], solveS: 0, bound: nil, gap: nil, singleDevice: nil, inputs: []))
        return (record, Tensor(shape: shape, floats: floats), direct)
    }
}
