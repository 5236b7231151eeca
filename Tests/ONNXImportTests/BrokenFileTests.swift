import ModelGraph
import ONNXImport
import Testing

@Suite struct BrokenFileTests {
    private func refuses(_ bytes: [UInt8], saying words: String...) {
        let error = #expect(throws: ImportError.self) { try ImportedModel.load(graphFile: bytes, named: "m.onnx") }
        for word in ["m.onnx"] + words {
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "") / \(word)")
        }
    }

    @Test func `a file that is not there is named with the system's reason`() {
        let error = #expect(throws: ImportError.self) { try ImportedModel.load(path: "/nowhere/model.onnx") }
        #expect(error?.description.contains("/nowhere/model.onnx: cannot be read: No such file") == true)
    }

    @Test func `a folder is no model`() {
        let error = #expect(throws: ImportError.self) { try ImportedModel.load(path: "/") }
        #expect(error?.description.contains("not a regular file") == true)
    }

    @Test func `an empty file is refused`() { refuses([], saying: "empty") }

    @Test func `a file of another format is refused`() {
        refuses(Array("PK\u{3}\u{4} some archive".utf8), saying: "not a complete ONNX file")
        refuses(Array("{\"json\": true}".utf8), saying: "not a complete ONNX file")
        refuses([0x08, 0x0A], saying: "no graph")
        refuses(Array("version https://git-lfs.github.com/spec/v1\n".utf8), saying: "Git LFS")
    }

    @Test func `a file that was cut off anywhere is refused or is a smaller whole file`() {
        let whole = Samples.network()
        for length in stride(from: 1, to: whole.count, by: 1) {
            do {
                _ = try ImportedModel.load(graphFile: Array(whole[..<length]))
                Issue.record("a file of \(length) of \(whole.count) bytes was accepted")
            } catch {
                #expect(error is ImportError)
            }
        }
    }

    @Test func `a broken tensor is named`() {
        refuses(
            Samples.network(linear: Wire.tensor("w2", [144, 8], raw: [UInt8](repeating: 0, count: 4000))),
            saying: "'w2'", "4000", "4608")
        refuses(
            Samples.network(convolution: Wire.tensor("w1", [4, 2, 3, 3], raw: [1, 2, 3])), saying: "'w1'", "3 bytes")
        refuses(Samples.network(linear: Wire.tensor("w2", [144, 8], type: 8)), saying: "'w2'", "element type 8")
        refuses(Samples.network(linear: Wire.tensor("w2", [-1, 8], raw: [])), saying: "'w2'")
        refuses(Samples.network(linear: Wire.tensor("w2", [.max, .max, .max], raw: [])), saying: "'w2'", "limit")
        refuses(
            Samples.network(linear: Wire.tensor("w2", [144, 8], external: [("offset", "0")])), saying: "names no file")
    }

    @Test func `data that stands in a file twice is refused`() {
        let twice =
            Wire.tensor("w2", [144, 8], raw: [UInt8](repeating: 0, count: 4608))
            + WireWriter.message { $0.bytes(9, [UInt8](repeating: 1, count: 4608)) }
        refuses(Samples.network(linear: twice), saying: "twice")
    }

    @Test func `an unsupported operator is named with its node`() {
        refuses(
            Wire.model(
                Wire.graph(
                    nodes: [Wire.node("Teleport", ["x"], ["y"])], inputs: [Wire.value("x", [1])],
                    outputs: [Wire.value("y", [1])])), saying: "Teleport", "'Teleport of y'")
    }

    @Test func `control flow is named`() {
        let body = Wire.graph(nodes: [], inputs: [], outputs: [])
        refuses(
            Wire.model(
                Wire.graph(
                    nodes: [Wire.node("If", ["x"], ["y"], attributes: [Wire.attribute("then_branch", graph: body)])],
                    inputs: [Wire.value("x", [1])], outputs: [Wire.value("y", [1])])), saying: "control flow", "If")
    }

    @Test func `graphs nested too deep are refused`() {
        var graph = Wire.graph(nodes: [], inputs: [], outputs: [])
        for _ in 0..<200 {
            graph = Wire.graph(
                nodes: [Wire.node("If", ["x"], ["y"], attributes: [Wire.attribute("then_branch", graph: graph)])],
                inputs: [Wire.value("x", [1])], outputs: [Wire.value("y", [1])])
        }
        refuses(Wire.model(graph))
    }

    @Test func `symbolic dimensions other than the batch are refused by name`() {
        let graph = Wire.graph(
            nodes: [Wire.node("Relu", ["x"], ["y"])], inputs: [Wire.value("x", [1, "height"])],
            outputs: [Wire.value("y", [1, "height"])])
        refuses(Wire.model(graph), saying: "'x'", "'height'", "fixed shapes")
    }

    @Test func `an input without a shape, without an operator set or without a graph is refused`() {
        let nodes = [Wire.node("Relu", ["x"], ["y"])]
        refuses(
            Wire.model(Wire.graph(nodes: nodes, inputs: [Wire.value("x", nil)], outputs: [Wire.value("y", [1])])),
            saying: "'x'", "no shape")
        refuses(
            Wire.model(
                Wire.graph(nodes: nodes, inputs: [Wire.value("x", [1])], outputs: [Wire.value("y", [1])]), opsets: []),
            saying: "operator set")
    }

    @Test func `sparse initializers are refused`() {
        let sparse = WireWriter.message { $0.bytes(15, WireWriter.message { $0.bytes(1, Wire.tensor("s", [1])) }) }
        refuses(
            Wire.model(
                Wire.graph(
                    nodes: [Wire.node("Relu", ["x"], ["y"])], inputs: [Wire.value("x", [1])],
                    outputs: [Wire.value("y", [1])], more: sparse)), saying: "sparse")
    }
}
