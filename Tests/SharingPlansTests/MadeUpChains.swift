import Costs
import ModelGraph
import Sharing
import SharingPlans

/// Graphs made up for planners.
enum MadeUpChains {
    static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: AttributeValue] = [:]
    ) -> NodeDescription {
        NodeDescription(name: output, type: type, inputs: inputs, outputs: [output], attributes: attributes)
    }

    static func graph(
        input: [Int], weights: [(String, [Int])], output: String, _ nodes: [NodeDescription]
    ) throws -> SharedGraph {
        SharedGraph(
            try ModelGraph(
                GraphDescription(
                    name: "made up", nodes: nodes, inputs: [.init(name: "x", type: try TensorType(.float32, input))],
                    outputs: [output],
                    initializers: try weights.map { .init(name: $0.0, type: try TensorType(.float32, $0.1)) })))
    }

    /// Two convolutions of 3 x 3 with padding 1 over 4 channels of 12 x 10, and a skip connection.
    static func residual() throws -> SharedGraph {
        let pads: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        return try graph(
            input: [1, 4, 12, 10], weights: [("w1", [4, 4, 3, 3]), ("w2", [4, 4, 3, 3])], output: "y",
            [
                node("Conv", ["x", "w1"], "a", pads), node("Relu", ["a"], "b"), node("Conv", ["b", "w2"], "c", pads),
                node("Add", ["c", "x"], "y"),
            ])
    }

    /// Up to so many operators, each reading the one before: convolutions dense and by channel, of any window, stride
    /// and padding, pooling, activations, now and then a linear layer at the end.
    static func random(layers count: Int, _ generator: inout SeededGenerator) throws -> SharedGraph {
        var shape = [
            1, Int.random(in: 1...8, using: &generator), Int.random(in: 5...24, using: &generator),
            Int.random(in: 5...24, using: &generator),
        ]
        let input = shape
        var nodes: [NodeDescription] = []
        var weights: [(String, [Int])] = []
        var tensor = "x"
        for index in 0..<count {
            let output = "t\(index)"
            let kernel = [1, 3, 3, 5].randomElement(using: &generator) ?? 3
            let stride = generator.chance(0.3) ? 2 : 1
            let padding = generator.chance(0.8) ? kernel / 2 : 0
            let extents = shape[2...].map { ($0 + 2 * padding - kernel) / stride + 1 }
            let fits = shape[2...].allSatisfy { $0 + 2 * padding >= kernel }
            let window: [String: AttributeValue] = [
                "strides": .integers([Int64](repeating: Int64(stride), count: 2)),
                "pads": .integers([Int64](repeating: Int64(padding), count: 4)),
            ]
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5 where fits:
                let channels = Int.random(in: 1...10, using: &generator)
                weights.append(("w\(index)", [channels, shape[1], kernel, kernel]))
                nodes.append(node("Conv", [tensor, "w\(index)"], output, window))
                shape = [1, channels] + extents
            case 5..<7 where fits:
                weights.append(("w\(index)", [shape[1], 1, kernel, kernel]))
                nodes.append(
                    node(
                        "Conv", [tensor, "w\(index)"], output,
                        window.merging(["group": .integer(Int64(shape[1]))]) { first, _ in first }))
                shape = [1, shape[1]] + extents
            case 7 where shape[2...].allSatisfy { $0 >= 4 }:
                nodes.append(
                    node(
                        "MaxPool", [tensor], output,
                        ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])]))
                shape = [1, shape[1], (shape[2] - 2) / 2 + 1, (shape[3] - 2) / 2 + 1]
            default: nodes.append(node("Relu", [tensor], output))
            }
            tensor = output
        }
        if generator.chance(0.2), count >= 3 {
            // The last two become a linear layer.
            let kept = Array(nodes.dropLast(2))
            let before = try graph(input: input, weights: weights, output: kept.last?.outputs[0] ?? "x", kept)
            let elements = before.shape(of: kept.count - 1).reduce(1, *)
            weights.append(("wl", [elements, 6]))
            nodes =
                kept + [
                    node("Flatten", [kept[kept.count - 1].outputs[0]], "flat"),
                    node("Gemm", ["flat", "wl"], "linear"),
                ]
            tensor = "linear"
        }
        let used = Set(nodes.flatMap(\.inputs))
        return try graph(input: input, weights: weights.filter { used.contains($0.0) }, output: tensor, nodes)
    }

    /// Speeds, rates and ends at random; compute and transfers take about as long.
    static func cluster(_ devices: Int, _ generator: inout SeededGenerator) throws -> SharingCluster {
        func table(_ value: (inout SeededGenerator) -> Double) -> [[Double]] {
            (0..<devices).map { _ in (0..<devices).map { _ in value(&generator) } }
        }
        return try SharingCluster(
            devices: (0..<devices).map {
                .init(name: "d\($0)", flops: generator.logarithmic(in: 1e6...1e8))
            },
            bandwidthBytesPerS: table { $0.logarithmic(in: 1e5...1e7) },
            source: Int.random(in: 0..<devices, using: &generator),
            destination: Int.random(in: 0..<devices, using: &generator))
    }
}
