import ModelGraph
import ONNXImport
import TestKit
import Testing

/// Damaged files are read or refused with an `ImportError`; a trap would end the test process.
@Suite struct ImportFuzzTests {
    private static let interesting: [UInt8] = [
        // Keys of the fields that hold graphs, nodes, initializers, shapes and numbers; lengths; extreme numbers.
        0x00, 0x01, 0x08, 0x0A, 0x12, 0x1A, 0x22, 0x2A, 0x3A, 0x40, 0x42, 0x4A, 0x5A, 0x62, 0x6A, 0x72, 0x7F, 0x80,
        0xFF,
    ]

    private func survives(_ sample: [UInt8], seed: UInt64, rounds: Int) {
        var mutator = ByteMutator(seed: seed, interesting: Self.interesting)
        var accepted = 0
        for round in 0..<rounds {
            let damaged = mutator.mutate(sample)
            do {
                let model = try ImportedModel.load(graphFile: damaged)
                accepted += 1
                // What is accepted can be worked with.
                _ = model.graph.layers(.layer)
                _ = try model.segment(operators: 0..<model.graph.operators.count)
            } catch let error as ImportError {
                #expect(!error.description.isEmpty)
            } catch {
                Issue.record("seed \(seed), round \(round): \(error)")
            }
        }
        #expect(accepted > 0, "no damaged file was still readable, so nothing behind the parser was tried")
        #expect(accepted < rounds)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `a damaged network is read or refused`(_ seed: UInt64) {
        survives(
            Samples.network(linear: Wire.external("w2", [144, 8], at: hash, offset: 0, length: 4608)), seed: seed,
            rounds: 1500)
    }

    @Test(arguments: 4..<6 as Range<UInt64>) func `a damaged model with functions is read or refused`(_ seed: UInt64) {
        survives(Samples.calling(), seed: seed, rounds: 1500)
    }

    @Test(arguments: 6..<8 as Range<UInt64>) func `damaged shape arithmetic is computed or refused`(_ seed: UInt64) {
        survives(arithmetic, seed: seed, rounds: 1500)
    }

    private let hash = String(repeating: "ab", count: 32)

    /// Many operators on constants, whose numbers the mutations turn into extreme ones.
    private var arithmetic: [UInt8] {
        func vector(_ name: String, _ values: [Int64]) -> [UInt8] {
            Wire.tensor(name, [Int64(values.count)], type: 7, raw: Wire.integers(values))
        }
        let axis = [Wire.attribute("axis", integer: 0)]
        return Wire.model(
            Wire.graph(
                nodes: [
                    Wire.node("Shape", ["x"], ["s"]),
                    Wire.node("Slice", ["s", "zero", "two", "zero", "one"], ["front"]),
                    Wire.node("Gather", ["s", "two"], ["back"], attributes: axis),
                    Wire.node("Mul", ["back", "two"], ["m"]),
                    Wire.node("Div", ["m", "two"], ["d"]),
                    Wire.node("Mod", ["m", "three"], ["rest"]),
                    Wire.node("Sub", ["d", "rest"], ["sub"]),
                    Wire.node("Max", ["sub", "d"], ["max"]),
                    Wire.node("Concat", ["front", "max"], ["target"], attributes: axis),
                    Wire.node("Reshape", ["x", "target"], ["a"]),
                    Wire.node("Expand", ["a", "target"], ["b"]),
                    Wire.node("Range", ["from", "to", "by"], ["r"]),
                    Wire.node("Tile", ["r", "one"], ["tiled"]),
                    Wire.node("Unsqueeze", ["tiled", "zero"], ["u"]),
                    Wire.node("Transpose", ["u"], ["v"], attributes: [Wire.attribute("perm", integers: [1, 0])]),
                    Wire.node("Squeeze", ["v", "one"], ["w"]),
                    Wire.node("Gather", ["b", "w"], ["c"], attributes: [Wire.attribute("axis", integer: 2)]),
                    Wire.node("Pad", ["c", "pads"], ["e"]),
                    Wire.node("Slice", ["e", "one", "three", "two"], ["y"]),
                ], inputs: [Wire.value("x", [2, 3, 4])], outputs: [Wire.value("y", nil)],
                initializers: [
                    vector("zero", [0]), vector("one", [1]), vector("two", [2]), vector("three", [3]),
                    vector("pads", [0, 0, 1, 0, 0, 1]),
                    Wire.tensor("from", [], type: 7, raw: Wire.integers([0])),
                    Wire.tensor("to", [], type: 7, raw: Wire.integers([4])),
                    Wire.tensor("by", [], type: 7, raw: Wire.integers([2])),
                ]))
    }
}
