import Foundation
import ONNXImport
import Testing

@Suite struct ExternalDataTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func model(at location: String, offset: Int = 0, length: Int = 4608) throws -> ImportedModel {
        let linear = Wire.external("w2", [144, 8], at: location, offset: offset, length: length)
        return try ImportedModel.load(path: folder.write("model.onnx", Samples.network(linear: linear)))
    }

    @Test func `weights beside the model are found, at their offset`() throws {
        try folder.write("data/weights.bin", [9, 9] + [UInt8](repeating: 1, count: 4608))
        let weights = try model(at: "data/weights.bin", offset: 2).contentAddressed().weights
        #expect(weights.count == 1)
        #expect(weights.allSatisfy { $0.withBytes { $0.allSatisfy { $0 == 1 } } })
    }

    @Test func `a model without its weights is read, and misses them by name when they are asked for`() throws {
        let model = try model(at: "weights.bin")
        #expect(model.graph.operators.count == 4)
        let error = #expect(throws: ImportError.self) { try model.contentAddressed() }
        #expect(
            error?.problem
                == .missingWeights(
                    tensor: "w2", dataFile: "weights.bin", expectedBytes: 4608, foundBytes: 0))
        #expect(throws: ImportError.self) { try model.requireWeights() }
        #expect(throws: ImportError.self) { try model.segment(operators: 0..<4) }
    }

    @Test func `a data file that is too short is told with what it has`() throws {
        try folder.write("weights.bin", [UInt8](repeating: 1, count: 1000))
        let error = #expect(throws: ImportError.self) { try model(at: "weights.bin", offset: 100).requireWeights() }
        #expect(error?.description.contains("4608 bytes expected in 'weights.bin', 900 found") == true)
    }

    @Test(arguments: ["../weights.bin", "/etc/passwd", "data/../../weights.bin"])
    func `a path that leaves the folder is refused when the model is read`(_ location: String) throws {
        let error = #expect(throws: ImportError.self) { try model(at: location) }
        #expect(error?.problem == .escapingPath(tensor: "w2", location: location))
    }

    @Test func `a link that leaves the folder is refused when weights are asked for`() throws {
        let outside = try TemporaryFolder()
        let target = try outside.write("weights.bin", [UInt8](repeating: 1, count: 4608))
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/weights.bin", withDestinationPath: target)
        let error = #expect(throws: ImportError.self) { try model(at: "weights.bin").requireWeights() }
        #expect(error?.problem == .escapingPath(tensor: "w2", location: "weights.bin"))
    }

    @Test(arguments: ["-1", "x", "99999999999999999999", "1e3"])
    func `an offset that is no number is refused`(_ offset: String) throws {
        let linear = Wire.tensor("w2", [144, 8], external: [("location", "w"), ("offset", offset)])
        let error = #expect(throws: ImportError.self) {
            try ImportedModel.load(graphFile: Samples.network(linear: linear))
        }
        #expect(error?.description.contains("offset") == true)
    }

    @Test func `a length that is not that of the tensor is refused`() throws {
        let error = #expect(throws: ImportError.self) { try model(at: "weights.bin", length: 4600) }
        #expect(error?.description.contains("4600 bytes") == true)
    }
}
