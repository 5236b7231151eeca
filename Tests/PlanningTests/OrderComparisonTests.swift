import JSON
import ModelGraph
import Planning
import Testing

@Suite struct OrderComparisonTests {
    /// Two branches of different size from one tensor, joined at the end.
    private static func comparison() throws -> OrderComparison {
        func node(_ type: String, _ inputs: [String], _ output: String) -> NodeDescription {
            NodeDescription(name: "\(type) \(output)", type: type, inputs: inputs, outputs: [output])
        }
        let graph = try ModelGraph(
            GraphDescription(
                name: "branches",
                nodes: [
                    node("Relu", ["x"], "a"), node("Conv", ["a", "wide"], "b"), node("Conv", ["b", "thin"], "c"),
                    node("Conv", ["a", "small"], "d"), node("Conv", ["d", "small"], "e"), node("Add", ["c", "e"], "y"),
                ],
                inputs: [.init(name: "x", type: try TensorType(.float32, [1, 4, 8, 8]))], outputs: ["y"],
                initializers: [
                    .init(name: "wide", type: try TensorType(.float32, [16, 4, 1, 1])),
                    .init(name: "thin", type: try TensorType(.float32, [4, 16, 1, 1])),
                    .init(name: "small", type: try TensorType(.float32, [4, 4, 1, 1])),
                ]))
        var now = Duration.zero
        return try OrderComparison(graph, model: "branches.onnx") {
            now += .milliseconds(1)
            return now
        }
    }

    @Test func `peak and area name every system, and the order names every operator`() throws {
        let comparison = try Self.comparison()
        let found = try JSON.value(of: comparison)
        for key in ["peak", "area"] {
            guard case .object(let figures) = found[key] else {
                Issue.record("no \(key)")
                continue
            }
            #expect(Set(figures.map(\.key)) == ["exact", "random_mean", "random_best", "peft", "greedy", "btsearch"])
        }
        guard case .array(let order) = found["order"] else {
            Issue.record("no order")
            return
        }
        #expect(order.count == 6)
    }

    @Test func `the text says how far the search went and what an arena takes`() throws {
        let text = try Self.comparison().text
        #expect(text.contains("branches.onnx: 6 operators, 1 part with a choice of order"))
        #expect(text.contains("random, mean of 1000"))
        #expect(text.contains("proved, no order is better"))
        #expect(text.contains("no more than its tensors need at once"))
    }

    @Test func `the drawing has a line for each system, with units`() throws {
        let svg = try Self.comparison().chart.svg
        #expect(svg.contains("live tensors in MB"))
        #expect(svg.contains(">step<"))
        for name in ["exact", "random, best of 1000", "peft", "greedy", "btsearch"] {
            #expect(svg.contains(">\(name): peak"), "\(name)")
        }
    }
}
