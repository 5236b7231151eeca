import ModelGraph
import Sharing
import Testing

@Suite struct RegionNeedsTests {
    @Test func `rows of a convolution need a halo and keep the padding of the edge alone`() throws {
        let shared = try HandGraphs.graph(
            inputs: [("x", [1, 4, 11, 9])], weights: [("w", [6, 4, 3, 5]), ("b", [6])], outputs: ["y"],
            [
                HandGraphs.node(
                    "Conv", ["x", "w", "b"], "y",
                    ["pads": .integers([1, 2, 1, 2]), "strides": .integers([2, 1]), "dilations": .integers([2, 1])])
            ])
        #expect(shared.shape(of: 0) == [1, 6, 5, 9])
        // Rows 2..<4 begin at 2 * 2 - 1 and end at 3 * 2 - 1 + 4 + 1.
        let inner = try shared.needs(0, Region([0..<1, 1..<3, 2..<4, 0..<9]))
        #expect(inner.inputs == [TensorRegion("x", Region([0..<1, 0..<4, 3..<10, 0..<9]))])
        #expect(
            inner.weights == [
                TensorRegion("w", Region([1..<3, 0..<4, 0..<3, 0..<5])), TensorRegion("b", Region([1..<3])),
            ])
        #expect(inner.padding == [0, 2, 0, 2])
        #expect(inner.flop == shared.graph.flop * Double(2 * 2) / Double(6 * 5))
        let first = try shared.needs(0, Region([0..<1, 0..<6, 0..<1, 3..<4]))
        #expect(first.inputs == [TensorRegion("x", Region([0..<1, 0..<4, 0..<4, 1..<6]))])
        #expect(first.padding == [1, 0, 0, 0])
    }

    @Test func `channels of a grouped convolution need the channels of their groups`() throws {
        let shared = try HandGraphs.graph(
            inputs: [("x", [1, 6, 4, 4])], weights: [("w", [9, 2, 1, 1])], outputs: ["y"],
            [HandGraphs.node("Conv", ["x", "w"], "y", ["group": .integer(3)])])
        func needs(_ channels: Range<Int>) throws -> RegionNeeds {
            try shared.needs(0, Region([0..<1, channels, 0..<4, 0..<4]))
        }
        #expect(try needs(4..<5).inputs.map { $0.region[1] } == [2..<4])
        #expect(try needs(4..<5).nodes.first?.results.first??.computed[1] == 4..<5)
        // Across groups whole groups are computed, and cut.
        #expect(try needs(2..<5).inputs.map { $0.region[1] } == [0..<4])
        #expect(try needs(2..<5).nodes.first?.results.first??.computed[1] == 0..<6)
    }

    @Test func `what cannot be shared is refused by name, axis and reason`() throws {
        let shared = try HandGraphs.graph(
            inputs: [("x", [1, 5, 8])], weights: [], outputs: ["y"],
            [HandGraphs.node("Softmax", ["x"], "y", ["axis": .integer(-1)])])
        let error = #expect(throws: CannotShare.self) { try shared.needs(0, Region([0..<1, 0..<5, 0..<4])) }
        #expect(
            error?.description
                == "Softmax 'y' cannot be shared along axis 2: every element depends on the sum over this axis; "
                + "let one device compute it whole")
        #expect(shared.shareableAxes(of: 0) == [1])
        #expect(shared.dimensions(of: 0) == [.length])
        #expect(throws: CannotShare.self) { try shared.needs(0, Region([0..<1, 4..<6, 0..<8])) }
    }

    @Test func `a reshape maps runs of whole inner axes, and extends to them where it must`() throws {
        let shape = try ConstantValue.vector([0, 6, 4, 2])
        let graph = try ModelGraph(
            GraphDescription(
                name: "hand", nodes: [HandGraphs.node("Reshape", ["x", "s"], "y")],
                inputs: [.init(name: "x", type: try TensorType(.float32, [3, 6, 8]))], outputs: ["y"],
                initializers: [.init(name: "s", type: shape.type, value: shape)]))
        let shared = SharedGraph(graph)
        let heads = try shared.needs(0, Region([0..<3, 0..<6, 1..<3, 0..<2]))
        #expect(heads.inputs.map(\.region) == [Region([0..<3, 0..<6, 2..<6])])
        let inner = try shared.needs(0, Region([0..<3, 2..<3, 1..<2, 1..<2]))
        #expect(inner.inputs.map(\.region) == [Region([0..<3, 2..<3, 2..<4])])
        #expect(inner.nodes.first?.results.first??.computed == Region([0..<3, 2..<3, 1..<2, 0..<2]))
    }
}
