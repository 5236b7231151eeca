import Agent
import Cluster
import Costs
import ModelGraph
import ONNXImport
import TestKit
import Testing

@Suite struct LiveProblemTests {
    private let model = ModelRecord(
        name: "digits", version: 1, graphSHA256: "00", graphBytes: 1, weightBytes: 1, holders: ["a"], source: "a",
        destination: "b")

    private func board(_ name: String) -> NodeCapabilities {
        NodeCapabilities(
            node: NodeID(name), version: 1,
            devices: [
                Device(id: DeviceID(name), flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1_000_000_000)
            ], freeMemoryBytes: 1)
    }

    private func problem(of boards: [String]) throws -> Problem {
        let graph = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
        return try LiveProblem.make(
            model: model, layers: graph.layers(.layer), inputBytes: 256, members: boards.map(board),
            assumedBandwidthBytesPerS: 1e6)
    }

    @Test func `the order in which boards were heard of changes nothing`() throws {
        let problem = try problem(of: ["c", "a", "b"])
        #expect(problem.devices.map(\.id) == ["a", "b", "c"])
        #expect(try problem == self.problem(of: ["b", "c", "a"]))
    }

    @Test func `every figure is said to come from somewhere, and weights stay where they are loaded`() throws {
        let problem = try problem(of: ["a", "b"])
        #expect(problem.weights == .resident)
        #expect(problem.source == "a" && problem.destination == "b")
        #expect(problem.inputs.count == problem.devices.count + problem.links.count)
        #expect(problem.inputs.allSatisfy { !$0.source.isEmpty })
    }

    @Test(arguments: [(["b", "c"], "source a"), (["a", "c"], "destination b")])
    func `an end that is on no live board is named, with those that live`(boards: [String], part: String) throws {
        let error = try #require(#expect(throws: LiveProblemError.self) { try problem(of: boards) })
        #expect(error.description.contains(part))
        #expect(error.description.contains("live: \(boards.joined(separator: ", "))"))
    }
}
