import Costs
import Foundation
import ModelGraph
import ONNXImport
import Runtime
import Sharing
import Testing

/// Whole models, every operator shared in some random way, give what they give unsplit.
@Suite(.serialized) struct ModelExactnessTests {
    /// Fixtures that are quick to fill and run; `LAMELLA_SHARING_MODELS` names others, or `all`.
    static let names: [String] = {
        switch Effort.models {
        case nil: return ["squeezenet1_1", "mobilenet_v3_large"]
        case "all"?:
            let files = (try? FileManager.default.contentsOfDirectory(atPath: Fixture.folder)) ?? []
            return files.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()
        case let list?: return list.split(separator: ",").map(String.init)
        }
    }()

    @Test(arguments: names)
    func `a fixture under random assignments gives the unsplit result`(name: String) throws {
        try Effort.withFolder { folder in
            let filled = try ImportedModel.load(path: Fixture.folder + "/\(name).onnx")
                .fillWeights(seed: 11, into: folder + "/filled")
            let process = try InProcess(
                try ImportedModel.load(path: filled.graphFile), folder: folder)
            var generator = SeededGenerator(seed: 5)
            let inputs = try Fixture.inputs(of: process.model.graph, &generator)
            let whole = try process.whole(inputs)
            for devices in [2, 5] {
                let assignment = RandomLayouts.assignment(process.shared, devices: devices, &generator)
                try check(process, assignment, inputs, whole, "\(name), \(devices) devices, anyhow")
                let steady = RandomLayouts.steady(process.shared, devices: devices, &generator)
                try check(process, steady, inputs, whole, "\(name), \(devices) devices, by dimension")
            }
        }
    }

    @Test func `a transformer with joined and separate attention heads gives the unsplit result`() throws {
        try Effort.withFolder { folder in
            var generator = SeededGenerator(seed: 3)
            for round in 0..<max(4, Effort.rounds / 4) {
                var sketch = ModelSketch(generator.split())
                let model = try Transformer.model(&sketch)
                let process = try InProcess(model, folder: folder)
                let inputs = sketch.randomInputs()
                let whole = try process.whole(inputs)
                let devices = 2 + round % 4
                let anyhow = RandomLayouts.assignment(process.shared, devices: devices, &generator)
                try check(process, anyhow, inputs, whole, "transformer \(round), anyhow")
                let steady = RandomLayouts.steady(process.shared, devices: devices, &generator)
                try check(process, steady, inputs, whole, "transformer \(round), by dimension")
            }
        }
    }

    private func check(
        _ process: InProcess, _ assignment: SharedAssignment, _ inputs: [Tensor], _ whole: [Tensor], _ what: String
    ) throws {
        let program = try SharedProgram(assignment, process.shared)
        try program.verify(process.shared)
        let excess = Exactness.excess(try process.run(program, inputs), whole, floor: Exactness.modelFloor)
        #expect(excess <= 1, "\(what) is off by \(excess) of what is allowed")
    }
}

/// Fixtures and what goes into them.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/models").path

    /// Random images; tokens for what are tokens.
    static func inputs(of graph: ModelGraph, _ generator: inout SeededGenerator) throws -> [Tensor] {
        graph.inputs.compactMap { graph.tensors[$0]?.type }.map { type in
            if type.elementType == .float32 {
                return Tensor(
                    shape: type.shape,
                    floats: (0..<type.elementCount).map { _ in Float.random(in: -1...1, using: &generator) })
            }
            let tokens = (0..<type.elementCount).map { _ in Int64.random(in: 0..<1000, using: &generator) }
            return Tensor(
                elementType: type.elementType, shape: type.shape,
                bytes: .init(bytes: tokens.withUnsafeBytes(Array.init)))
        }
    }
}

/// A small transformer layer, with what exporters make of attention.
enum Transformer {
    static func model(_ sketch: inout ModelSketch) throws -> ImportedModel {
        let (length, heads, size) = (sketch.int(3...11), sketch.int(2...5), sketch.pick([4, 6]))
        let width = heads * size
        let input = sketch.input([1, length, width])
        let norm = sketch.node("LayerNormalization", [input, sketch.weight([width]), sketch.weight([width])])[0]
        let joined = sketch.node("MatMul", [norm, sketch.weight([width, 3 * width], in: -0.3...0.3)])[0]
        let biased = sketch.node("Add", [joined, sketch.weight([3 * width])])[0]
        let parts = sketch.node("Split", [biased], ["axis": .integer(2), "num_outputs": .integer(3)], outputs: 3)
        let shape = sketch.integers([0, 0, heads, size])
        let turned = parts.map { part in
            sketch.node(
                "Transpose", sketch.node("Reshape", [part, shape]), ["perm": .integers([0, 2, 1, 3])])[0]
        }
        let keys = sketch.node("Transpose", [turned[1]], ["perm": .integers([0, 1, 3, 2])])[0]
        let scores = sketch.node("MatMul", [turned[0], keys])[0]
        let scaled = sketch.node("Mul", [scores, sketch.numbers([0.5], scalar: true)])[0]
        let masked = sketch.node("Add", [scaled, sketch.weight([length, length])])[0]
        let soft = sketch.node("Softmax", [masked], ["axis": .integer(-1)])[0]
        let mixed = sketch.node("MatMul", [soft, turned[2]])[0]
        let back = sketch.node("Transpose", [mixed], ["perm": .integers([0, 2, 1, 3])])[0]
        let flat = sketch.node("Reshape", [back, sketch.integers([length, width])])[0]
        let projected = sketch.node(
            "Gemm", [flat, sketch.weight([width, width], in: -0.3...0.3), sketch.weight([width])],
            ["transB": .integer(1)])[0]
        let unflat = sketch.node("Reshape", [projected, sketch.integers([1, length, width])])[0]
        let sum = sketch.node("Add", [unflat, input])[0]
        let wide = sketch.node("MatMul", [sum, sketch.weight([width, 4 * width], in: -0.3...0.3)])[0]
        let curved = sketch.node("Erf", [wide])[0]
        let gate = sketch.node("Mul", [wide, curved])[0]
        let narrow = sketch.node("MatMul", [gate, sketch.weight([4 * width, width], in: -0.3...0.3)])[0]
        sketch.node("Add", [narrow, sum])
        return try sketch.model()
    }
}
