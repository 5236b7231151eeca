import Costs
import ModelGraph
import ONNXImport
import TestKit

/// Problems of fixtures on made-up boards.
enum MadeUpProblems {
    static func graph(_ name: String) throws -> ModelGraph {
        let path = name == "digits" ? "Tests/Fixtures/digits/digits.onnx" : "Tests/Fixtures/models/\(name).onnx"
        return try ImportedModel.load(path: Repository.path(path)).graph
    }

    /// Boards a, b, c, … of these speeds, any two joined; a is source and destination.
    static func problem(
        _ graph: ModelGraph, flops: [Double] = [1e9, 2e9, 1e9], bandwidthBytesPerS: Double = 100e6,
        latencyS: Double = 0.0001, memoryBytes: Int = 1 << 40, weights: WeightsPolicy = .resident,
        preprocessOperations: Double? = nil
    ) throws -> Problem {
        let names = (0..<flops.count).map { String(UnicodeScalar(UInt8(97 + $0))) }
        let devices = zip(names, flops).map { name, flops in
            Device(id: DeviceID(name), flops: flops, memoryBandwidthBytesPerS: 1e10, memoryBytes: memoryBytes)
        }
        let links = devices.indices.flatMap { first in
            devices.indices.filter { $0 > first }.map { second in
                Link(
                    between: devices[first].id, devices[second].id, bandwidthBytesPerS: bandwidthBytesPerS,
                    latencyS: latencyS)
            }
        }
        return try Problem(
            model: "made-up", graphLayers: graph.layers(.layer),
            inputBytes: graph.inputs.reduce(0) { $0 + (graph.tensors[$1]?.byteCount ?? 0) }, devices: devices,
            links: links, source: "a", destination: "a", preprocessOperations: preprocessOperations, weights: weights)
    }
}
