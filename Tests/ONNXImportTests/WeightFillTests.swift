import ONNXImport
import Testing

@Suite struct WeightFillTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Weights of 288 and 4608 bytes in one file, with a gap between them.
    private func weightless() throws -> ImportedModel {
        let bytes = Samples.network(
            convolution: Wire.external("w1", [4, 2, 3, 3], at: "m.weights", offset: 0, length: 288),
            linear: Wire.external("w2", [144, 8], at: "m.weights", offset: 320, length: 4608))
        return try ImportedModel.load(path: folder.write("m.onnx", bytes))
    }

    private func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            (0..<(buffer.count / 4)).map { buffer.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    @Test func `a filled model has its weights`() throws {
        let report = try weightless().fillWeights(seed: 1, into: folder.path + "/out")
        #expect(report.tensors == 2)
        #expect(report.dataFiles.map(\.byteCount) == [320 + 4608])
        #expect(folder.read("out/m.onnx") == folder.read("m.onnx"))
        let filled = try ImportedModel.load(path: report.graphFile)
        try filled.requireWeights()
        #expect(try filled.contentAddressed().weights.count == 1)
    }

    @Test func `the same seed gives the same bytes, another seed others`() throws {
        let model = try weightless()
        for (name, seed) in [("a", 1), ("b", 1), ("c", 2)] as [(String, UInt64)] {
            _ = try model.fillWeights(seed: seed, into: "\(folder.path)/\(name)")
        }
        #expect(folder.read("a/m.weights") == folder.read("b/m.weights"))
        #expect(folder.read("a/m.weights") != folder.read("c/m.weights"))
    }

    @Test func `weights have the deviation that keeps the scale of activations`() throws {
        _ = try weightless().fillWeights(seed: 5, into: folder.path + "/out")
        let bytes = try #require(folder.read("out/m.weights"))
        let convolution = floats(bytes[..<288])
        let linear = floats(bytes[320...])
        func deviation(_ values: [Float]) -> Float {
            (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
        }
        // 2 / 18 for the convolution of fan-in 18, 1 / 144 for the product.
        #expect(abs(deviation(convolution) - (2.0 / 18).squareRoot()) < 0.08)
        #expect(abs(deviation(linear) - 1.0 / 12) < 0.005)
        #expect(abs(linear.reduce(0, +) / Float(linear.count)) < 0.01)
        #expect(bytes[288..<320].allSatisfy { $0 == 0 })
    }

    @Test func `a data file that exists is not written over`() throws {
        let model = try weightless()
        let original = [UInt8](repeating: 7, count: 9)
        try folder.write("m.weights", original)
        let error = #expect(throws: ImportError.self) { try model.fillWeights(seed: 1, into: folder.path) }
        #expect(error?.description.contains("m.weights") == true)
        #expect(folder.read("m.weights") == original)
    }

    @Test func `a model without external data has nothing to fill`() throws {
        let model = try ImportedModel.load(path: folder.write("m.onnx", Samples.network()))
        let error = #expect(throws: ImportError.self) { try model.fillWeights(seed: 1, into: folder.path + "/out") }
        #expect(error?.problem == .nothingToFill)
    }

    @Test func `weights that share their bytes are written once, and overlapping ones refused`() throws {
        func model(offset: Int) throws -> ImportedModel {
            let bytes = Wire.model(
                Wire.graph(
                    nodes: [
                        Wire.node("MatMul", ["x", "a"], ["m"]), Wire.node("MatMul", ["m", "b"], ["y"]),
                    ], inputs: [Wire.value("x", [1, 32])], outputs: [Wire.value("y", [1, 32])],
                    initializers: [
                        Wire.external("a", [32, 32], at: "w", offset: 0, length: 4096),
                        Wire.external("b", [32, 32], at: "w", offset: offset, length: 4096),
                    ]))
            return try ImportedModel.load(path: folder.write("tied.onnx", bytes))
        }
        let report = try model(offset: 0).fillWeights(seed: 1, into: folder.path + "/tied")
        #expect(report.tensors == 1)
        let error = #expect(throws: ImportError.self) {
            try model(offset: 64).fillWeights(seed: 1, into: folder.path + "/overlapping")
        }
        #expect(error?.description.contains("overlaps") == true)
    }

    @Test func `a folder that cannot be made is named`() throws {
        let error = #expect(throws: ImportError.self) { try weightless().fillWeights(seed: 1, into: "/proc/nowhere") }
        #expect(error?.description.contains("/proc/nowhere") == true)
    }
}
