import Cluster
import Costs
import Foundation
import ModelGraph
import NIOCore
import ONNXImport
import Runtime
import SharedPlanning
import Sharing
import Testing

/// Operators shared between runners over real sockets, in this process.
@Suite struct SharedRunnerTests {
    private func key(_ request: UInt64) -> RequestKey {
        RequestKey(plan: PlanID(term: 1, leader: "A", sequence: 1), request: request, attempt: 0)
    }

    /// Every operator along the first dimension that it has, else on one board; shares of 2 : 1 : 1 ...
    private func assignment(_ shared: SharedGraph, devices: Int, destination: Int) throws -> SharedAssignment {
        let weights = (0..<devices).map { $0 == 0 ? 2.0 : 1.0 }
        let layouts = try shared.graph.operators.indices.map { position -> SharedLayout in
            let shape = shared.shape(of: position)
            guard let dimension = shared.dimensions(of: position).first else {
                return .single(position % devices, of: devices, shape: shape)
            }
            let axis = try shared.axes(of: position, dimension)[0]
            return .cut(shape, axis: axis, at: SharedLayout.proportionalCuts(shape[axis], weights: weights))
        }
        return SharedAssignment(
            deviceCount: devices, source: 0, destination: destination, layouts: layouts)
    }

    @Test(arguments: ["digits", "squeezenet1_1"], [2, 3])
    func `runners that share every operator give the unsplit result`(name: String, count: Int) async throws {
        try await Support.withFolder { folder in
            let names = ["A", "B", "C"].prefix(count).map { NodeID($0) }
            let store = try WeightStore(directory: folder + "/A/weights")
            var path = Support.fixture("digits/digits.onnx")
            if name != "digits" {
                path = try ImportedModel.load(path: Support.fixture("models/\(name).onnx"))
                    .fillWeights(seed: 11, into: folder + "/filled").graphFile
            }
            let stored = try StoredModel(path: path, into: store)
            let graph = stored.model.graph
            let shared = SharedGraph(graph)
            let devices = names.map { DeviceID($0.name) }
            // The last board has the result; the source's client gets it back.
            let assignment = try assignment(shared, devices: count, destination: count - 1)
            var record = Plans.record(
                layers: [], devices: [], source: "A", destination: devices[count - 1], pseudo: false,
                model: stored.record(name: name, holders: ["A"], source: "A", destination: devices[count - 1]),
                participants: names)
            let cluster = try await TestCluster(names, in: folder)
            do {
                record.plan.sharing = Plan.Sharing(assignment, devices: devices)
                try await cluster.bring(record)
                let segment = try stored.model.segment(operators: 0..<graph.operators.count)
                let session = try InferenceSession(
                    runtime: try Support.runtime.get(), model: segment.modelBytes,
                    options: .init(weightsDirectory: store.directory))
                let shape = try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape })
                // Several at once, so that their regions meet on the boards.
                let inputs = (0..<UInt64(4)).map { Support.randomTensor(shape: shape, seed: $0) }
                for (request, input) in inputs.enumerated() {
                    cluster.client.submit(key(UInt64(request)), model: name, tensor: input)
                }
                for (request, input) in inputs.enumerated() {
                    let wanted = key(UInt64(request))
                    let result = await cluster.answers.first { event -> Tensor?? in
                        switch event {
                        case .result(wanted, let tensor): .some(tensor)
                        case .refused(wanted, _, _), .closed: .some(nil)
                        default: nil
                        }
                    }
                    let tensor = try #require(result, "request \(request) was refused: \(cluster.answers.all)")
                    let expected = try #require(try session.run([input]).first)
                    #expect(Support.relativeDifference(tensor, expected) <= Support.tolerance)
                }
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }
    }

    @Test func `a sharing that does not fit is refused with the reason`() async throws {
        try await Support.withFolder { folder in
            let store = try WeightStore(directory: folder + "/A/weights")
            let stored = try StoredModel(path: Support.fixture("digits/digits.onnx"), into: store)
            let shared = SharedGraph(stored.model.graph)
            var assignment = try assignment(shared, devices: 2, destination: 0)
            assignment.layouts[0].regions[0] = .empty(rank: 4)
            var record = Plans.record(
                layers: [], devices: [], source: "A", destination: "A", pseudo: false,
                model: stored.record(name: "digits", holders: ["A"], source: "A", destination: "A"),
                participants: ["A", "B"])
            record.plan.sharing = Plan.Sharing(assignment, devices: ["A", "B"])
            let broken = record
            let cluster = try await TestCluster(["A", "B"], in: folder)
            let error = await #expect(throws: TransportError.self) {
                try await cluster.bring(broken)
            }
            #expect(error?.sentence.hasPrefix("nobody computes ") == true, "\(String(describing: error))")
            await cluster.stop()
        }
    }

    @Test func `the record of an assignment gives it back`() throws {
        let model = try ImportedModel.load(path: Support.fixture("digits/digits.onnx"))
        let shared = SharedGraph(model.graph)
        let assignment = try assignment(shared, devices: 3, destination: 1)
        let record = Plan.Sharing(assignment, devices: ["A", "B", "C"])
        let read = try JSONDecoder().decode(Plan.Sharing.self, from: JSONEncoder().encode(record))
        #expect(read == record)
        try read.assignment().verify(shared)
        #expect(try Transfers(read.assignment(), shared).all == Transfers(assignment, shared).all)
    }
}
