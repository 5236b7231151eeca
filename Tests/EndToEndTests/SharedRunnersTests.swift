import Cluster
import Costs
import Foundation
import ModelGraph
import NIOCore
import NIOPosix
import ONNXImport
import Runtime
import SharedPlanning
import Sharing
import TestKit
import Testing

/// Whole models shared in random ways between runner processes, over real sockets: the results are the unsplit model's.
///
/// `LAMELLA_SHARING_MODELS` names other fixtures, `vit_b_16,bert_base` for instance.
@Suite(.serialized) struct SharedRunnersTests {
    static let models: [String] = {
        let named = ProcessInfo.processInfo.environment["LAMELLA_SHARING_MODELS"]
        return named.map { $0.split(separator: ",").map(String.init) }
            ?? ["digits", "squeezenet1_1", "mobilenet_v3_large", "efficientnet_b0", "googlenet"]
    }()

    /// Relative to the largest magnitude of the unsplit result.
    static let tolerance = 1e-4

    @Test(arguments: models)
    func `runner processes that share a model give the unsplit result`(name: String) async throws {
        let folder = try Repository.makeTemporaryFolder("runners-\(name)")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let nodes: [NodeID] = ["A", "B", "C"]
        let store = try WeightStore(directory: folder + "/A/weights")
        let stored = try Self.store(name, in: store, folder: folder)
        let model = try ImportedModel.load(graphFile: try store.bytes(of: stored.graphSHA256))
        let graph = model.graph
        let shared = SharedGraph(graph)
        var runners: [RunnerProcess] = []
        for node in nodes { runners.append(try await RunnerProcess.start(node, in: folder)) }
        do {
            var peers: [PeerAddress] = []
            for runner in runners {
                peers.append(PeerAddress(node: runner.node, endpoint: try await runner.endpoint()))
            }
            for runner in runners { try await runner.send(.configure(RunnerConfiguration(peers: peers))) }
            let (events, continuation) = AsyncStream.makeStream(of: TransportClient.Event.self)
            let client = try await TransportClient.connect(
                to: peers[0].endpoint, node: "A", group: MultiThreadedEventLoopGroup.singleton
            ) { continuation.yield($0) }
            let whole = try InferenceSession(
                runtime: try OnnxRuntime.load(),
                model: try model.segment(operators: 0..<graph.operators.count).modelBytes,
                options: .init(weightsDirectory: store.directory))
            var worst = 0.0
            for round in 1...2 {
                var generator = SeededGenerator(seed: UInt64(round))
                let assignment = Self.assignment(shared, devices: nodes.count, &generator)
                let record = try await Self.bring(assignment, stored, runners, sequence: UInt64(round))
                let input = try Self.input(graph, &generator)
                let key = RequestKey(plan: record.id, request: UInt64(round), attempt: 0)
                client.submit(key, model: stored.name, tensor: input)
                let expected = try #require(try whole.run([input]).first)
                worst = max(worst, Self.difference(try await Self.result(of: key, in: events), expected))
            }
            print("\(name) on 3 runner processes, random shares: largest relative difference \(worst)")
            #expect(worst <= Self.tolerance)
            client.close()
        } catch {
            for runner in runners { await runner.stop() }
            throw error
        }
        for runner in runners { await runner.stop() }
    }

    /// Fills a fixture's weights and puts all of it into the first runner's store.
    private static func store(_ name: String, in store: WeightStore, folder: String) throws -> ModelRecord {
        var path = Repository.path("Tests/Fixtures/digits/digits.onnx")
        if name != "digits" {
            path = try ImportedModel.load(path: Repository.path("Tests/Fixtures/models/\(name).onnx"))
                .fillWeights(seed: 7, into: folder + "/filled").graphFile
        }
        let (graphFile, weights) = try ImportedModel.load(path: path).contentAddressed()
        for weight in weights { try weight.withBytes { _ = try store.put($0, sha256: weight.sha256) } }
        return ModelRecord(
            name: name, version: 1, graphSHA256: try store.put(graphFile), graphBytes: graphFile.count,
            weightBytes: weights.reduce(0) { $0 + $1.byteCount }, holders: ["A"], source: "A", destination: "A")
    }

    /// Runs of operators along one dimension that they have, in uneven shares; some on one device.
    private static func assignment(
        _ shared: SharedGraph, devices: Int, _ generator: inout SeededGenerator
    ) -> SharedAssignment {
        var weights = [Double](repeating: 1, count: devices)
        var wanted: SharingDimension? = .height
        let layouts = shared.graph.operators.indices.map { position -> SharedLayout in
            if Double.random(in: 0..<1, using: &generator) < 0.25 {
                weights = weights.map { _ in
                    Double.random(in: 0..<1, using: &generator) < 0.2
                        ? 0 : Double.random(in: 0.2...1, using: &generator)
                }
                let kinds: [SharingDimension?] = [.height, .width, .channels, .length, nil]
                wanted = kinds.randomElement(using: &generator) ?? nil
            }
            let shape = shared.shape(of: position)
            let possible = shared.dimensions(of: position).filter { $0 != .grid }
            let dimension = wanted.flatMap { possible.contains($0) ? $0 : possible.first }
            guard let dimension, let axis = try? shared.axes(of: position, dimension)[0] else {
                return .single(Int.random(in: 0..<devices, using: &generator), of: devices, shape: shape)
            }
            return .cut(shape, axis: axis, at: SharedLayout.proportionalCuts(shape[axis], weights: weights))
        }
        return SharedAssignment(deviceCount: devices, source: 0, destination: 0, layouts: layouts)
    }

    /// Has every runner prepare the plan, then commits it; the plan before is given up.
    private static func bring(
        _ assignment: SharedAssignment, _ model: ModelRecord, _ runners: [RunnerProcess], sequence: UInt64
    ) async throws -> PlanRecord {
        let devices = runners.map { DeviceID($0.node.name) }
        var plan = Plan(
            planner: "by hand", objective: .latency, latencyS: 0, computeS: 0, transferS: 0, weightsS: 0, layers: [],
            devices: [], solveS: 0, bound: nil, gap: nil, singleDevice: nil, inputs: [])
        plan.sharing = Plan.Sharing(assignment, devices: devices)
        let record = PlanRecord(
            id: PlanID(term: 1, leader: "A", sequence: sequence), model: model, participants: runners.map(\.node),
            reason: "a test", plan: plan)
        let placements = runners.map { DevicePlacement(device: DeviceID($0.node.name), node: $0.node) }
        for runner in runners {
            try await runner.send(.prepare(PrepareRequest(record: record, placements: placements)))
        }
        for runner in runners { _ = try await runner.ready(record.id) }
        for runner in runners {
            try await runner.send(.commit(PlanReference(plan: record.id, model: model.name)))
            if sequence > 1 {
                let before = PlanID(term: 1, leader: "A", sequence: sequence - 1)
                try await runner.send(.abandon(PlanReference(plan: before, model: model.name)))
            }
        }
        return record
    }

    private static func input(_ graph: ModelGraph, _ generator: inout SeededGenerator) throws -> Tensor {
        let type = try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type })
        guard type.elementType == .int64 else {
            return Tensor(
                shape: type.shape,
                floats: (0..<type.elementCount).map { _ in Float.random(in: -1...1, using: &generator) })
        }
        let tokens = (0..<type.elementCount).map { _ in Int64.random(in: 0..<1000, using: &generator) }
        return Tensor(
            elementType: .int64, shape: type.shape, bytes: tokens.withUnsafeBytes { ByteBuffer(bytes: $0) })
    }

    private static func result(
        of key: RequestKey, in events: AsyncStream<TransportClient.Event>
    ) async throws -> Tensor {
        for await event in events {
            switch event {
            case .result(key, let tensor): return tensor
            case .refused(key, let code, let sentence): throw TransportError("\(code): \(sentence)")
            case .closed(let reason): throw TransportError(reason)
            default: continue
            }
        }
        throw TransportError("no result came")
    }

    static func difference(_ actual: Tensor, _ expected: Tensor) -> Double {
        guard let actual = actual.floats, let expected = expected.floats, actual.count == expected.count else {
            return .infinity
        }
        let scale = expected.map { abs(Double($0)) }.max() ?? 0
        let difference = zip(actual, expected).map { abs(Double($0) - Double($1)) }.max() ?? 0
        return difference.isNaN ? .infinity : difference / max(scale, 1e-30)
    }
}
