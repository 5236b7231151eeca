import Cluster
import Costs
import ModelGraph
import ONNXImport
import Runtime
import Testing

/// A sample of the cuts again, with real runners, real sockets and weights fetched from the board that holds them.
@Suite(.serialized) struct TransportCuttingTests {
    @Test(arguments: ["digits", "squeezenet1_1", "mobilenet_v3_large"])
    func `random assignments over four boards give the unsplit result over the transport`(name: String) async throws {
        try await Support.withFolder { folder in
            let (stored, store) = try CuttingTests.prepare(name, in: folder + "/A")
            let graph = stored.model.graph
            let layers = graph.layers(.operator)
            let whole = try stored.model.segment(operators: 0..<graph.operators.count)
            let session = try InferenceSession(
                runtime: try Support.runtime.get(), model: whole.modelBytes,
                options: .init(weightsDirectory: store.directory))
            let input = Support.randomTensor(shape: try #require(session.inputs.first).shape, seed: 8)
            let expected = try #require(try session.run([input]).first)
            let boards: [DeviceID] = ["A", "B", "C", "D"]
            let cluster = try await TestCluster(boards.map { NodeID($0.name) }, in: folder)
            var generator = SeededGenerator(seed: 4)
            for sequence in UInt64(1)...3 {
                let record = Plans.record(
                    layers: layers.map(\.name),
                    devices: layers.map { _ in boards[Int.random(in: 0..<4, using: &generator)] }, source: "A",
                    destination: "A", pseudo: true, id: PlanID(term: 1, leader: "A", sequence: sequence),
                    model: stored.record(name: name, holders: ["A"], source: "A", destination: "A"),
                    granularity: .operator, participants: ["A", "B", "C", "D"])
                try await cluster.bring(record)
                let key = RequestKey(plan: record.id, request: sequence, attempt: 0)
                guard case .result(_, let tensor) = await cluster.infer(key, model: name, input) else {
                    throw TransportError("no result came: \(cluster.answers.all)")
                }
                #expect(Support.relativeDifference(tensor, expected) <= Support.tolerance)
            }
            await cluster.stop()
        }
    }
}
