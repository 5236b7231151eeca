import ModelGraph
import ONNXImport
import Testing

@Suite struct ContentAddressedTests {
    /// SHA-256 of 4608 zero bytes, by coreutils.
    private let zerosHash = "606f558e014930f9c1669f03c71c28945c4631568e39cd308c6c7f4077c7bfb9"

    @Test func `large weights are known by the SHA-256 of their bytes`() throws {
        let (graphFile, weights) = try ImportedModel.load(graphFile: Samples.network()).contentAddressed()
        #expect(weights.map(\.sha256) == [zerosHash])
        #expect(weights.map(\.byteCount) == [4608])
        #expect(weights.allSatisfy { $0.withBytes { $0.allSatisfy { $0 == 0 } } })
        #expect(graphFile.count < 2048)
    }

    @Test func `the graph file is read back without weights, and gives the same graph and file`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        let (graphFile, _) = try model.contentAddressed()
        let again = try ImportedModel.load(graphFile: graphFile)
        #expect(again.graph.operators == model.graph.operators)
        #expect(again.graph.tensors == model.graph.tensors)
        #expect(again.graph.layers(.operator) == model.graph.layers(.operator))
        #expect(try again.graphFile() == graphFile)
    }

    @Test func `what was read back knows its weights by hash only, and says so`() throws {
        let (graphFile, _) = try ImportedModel.load(graphFile: Samples.network()).contentAddressed()
        let again = try ImportedModel.load(graphFile: graphFile)
        let error = #expect(throws: ImportError.self) { try again.contentAddressed() }
        #expect(error?.description.contains("'w2'") == true)
    }

    @Test func `equal weights are one blob`() throws {
        let twin = Wire.tensor("w3", [144, 8], raw: [UInt8](repeating: 0, count: 4608))
        let model = try ImportedModel.load(
            graphFile: Wire.model(
                Wire.graph(
                    nodes: [
                        Wire.node("MatMul", ["x", "w2"], ["a"]), Wire.node("MatMul", ["x", "w3"], ["b"]),
                        Wire.node("Add", ["a", "b"], ["y"]),
                    ],
                    inputs: [Wire.value("x", [1, 144])], outputs: [Wire.value("y", [1, 8])],
                    initializers: [Wire.tensor("w2", [144, 8], raw: [UInt8](repeating: 0, count: 4608)), twin])))
        #expect(try model.contentAddressed().weights.count == 1)
    }

    @Test func `nodes and weights that no output needs stay behind`() throws {
        let model = try ImportedModel.load(
            graphFile: Samples.network(extraNodes: [Wire.node("Teleport", ["y"], ["unused"])]))
        let (graphFile, _) = try model.contentAddressed()
        #expect(!String(decoding: graphFile, as: UTF8.self).contains("Teleport"))
    }
}
