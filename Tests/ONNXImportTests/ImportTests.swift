import ModelGraph
import ONNXImport
import Testing

@Suite struct ImportTests {
    @Test func `a model is read from bytes`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network())
        #expect(model.graph.operators.map(\.type) == ["Conv", "Relu", "Reshape", "MatMul"])
        #expect(model.graph.constants["t"] == .value(try .vector([1, -1])))
        #expect(model.graph.weightBytes == 4 * (72 + 4 + 1152))
        #expect(model.opset == 18)
        #expect(model.notes.isEmpty)
    }

    @Test func `a symbolic batch is bound to 1, and that is said`() throws {
        let model = try ImportedModel.load(graphFile: Samples.network(batch: "batch"))
        #expect(model.graph.tensors["x"]?.type.shape == [1, 2, 6, 6])
        #expect(model.notes == ["input 'x': symbolic dimension 0 'batch' is bound to 1"])
    }

    @Test func `a constant node is an initializer`() throws {
        let tensor = Wire.tensor("", [2], type: 7, raw: Wire.integers([4, 3]))
        let model = try ImportedModel.load(
            graphFile: Wire.model(
                Wire.graph(
                    nodes: [
                        Wire.node("Constant", [], ["t"], attributes: [Wire.attribute("value", tensor: tensor)]),
                        Wire.node("Reshape", ["x", "t"], ["y"]),
                    ], inputs: [Wire.value("x", [12])], outputs: [Wire.value("y", [4, 3])])))
        #expect(model.graph.operators.map(\.type) == ["Reshape"])
        #expect(model.graph.tensors["y"]?.type.shape == [4, 3])
        #expect(model.graph.initializer(named: "t")?.isWeight == false)
    }

    @Test func `calls of functions are written out, with their attributes`() throws {
        let model = try ImportedModel.load(graphFile: Samples.calling())
        #expect(model.graph.operators.map(\.type) == ["Softmax", "Add", "Softmax", "Add"])
        #expect(Set(model.graph.operators.flatMap(\.outputs)).count == 4)
        #expect(
            model.graph.nodes.filter { $0.type == "Softmax" }.map { $0.attributes["axis"] } == [
                .integer(1), .integer(0),
            ])
    }

    @Test func `a function that calls itself is refused`() {
        let function = WireWriter.message {
            $0.text(1, "Again")
            $0.text(4, "a")
            $0.text(5, "b")
            $0.bytes(7, Wire.node("Again", ["a"], ["m"], domain: "local"))
            $0.bytes(7, Wire.node("Again", ["m"], ["b"], domain: "local"))
            $0.text(10, "local")
        }
        let model = Wire.model(
            Wire.graph(
                nodes: [Wire.node("Again", ["x"], ["y"], domain: "local")], inputs: [Wire.value("x", [3])],
                outputs: [Wire.value("y", [3])]), functions: [function])
        let error = #expect(throws: ImportError.self) { try ImportedModel.load(graphFile: model) }
        #expect(error?.description.contains("nesting of functions") == true)
    }

    @Test func `typed data fields are read like raw ones`() throws {
        let typed = WireWriter.message {
            $0.integer(1, 2)
            $0.integer(2, 7)
            $0.text(8, "t")
            $0.bytes(7, [4, 3])
        }
        let model = try ImportedModel.load(
            graphFile: Wire.model(
                Wire.graph(
                    nodes: [Wire.node("Reshape", ["x", "t"], ["y"])], inputs: [Wire.value("x", [12])],
                    outputs: [Wire.value("y", [4, 3])], initializers: [typed])))
        #expect(model.graph.tensors["y"]?.type.shape == [4, 3])
    }

    @Test func `large data is the same in typed fields and raw`() throws {
        let values = Wire.floats((0..<1152).map(Float.init))
        let typed = WireWriter.message {
            $0.integer(1, 144)
            $0.integer(1, 8)
            $0.integer(2, 1)
            $0.bytes(4, values)
            $0.text(8, "w2")
        }
        let raw = Wire.tensor("w2", [144, 8], raw: values)
        let first = try ImportedModel.load(graphFile: Samples.network(linear: typed)).contentAddressed()
        let second = try ImportedModel.load(graphFile: Samples.network(linear: raw)).contentAddressed()
        #expect(first.graphFile == second.graphFile)
        #expect(first.weights.map(\.sha256) == second.weights.map(\.sha256))
    }
}
