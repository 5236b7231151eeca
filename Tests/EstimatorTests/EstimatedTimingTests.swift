import Costs
import Estimator
import ModelGraph
import Sharing
import SharingPlans
import Testing

/// Trees that were trained on made-up traces, asked about the parts of a graph.
@Suite(.enabled(if: Estimator.isAvailable, "needs XGBoost: apt install libxgboost-dev"))
struct EstimatedTimingTests {
    /// Two cores; convolutions of up to 64 channels and 16 x 16 pixels, messages of up to 4,000 bytes at 1 Gbit/s.
    private static func estimator() throws -> Estimator {
        var compute: [Double] = []
        var computeS: [Double] = []
        for type in [1.0, 2] {
            for channels in [4.0, 16, 64] {
                for size in [4.0, 8, 16] {
                    compute += [type, channels, channels, size, size, size + type - 1, size + type - 1, 1]
                    computeS.append(1e-6 * channels * size)
                }
            }
        }
        let bytes = (1...100).map { Double($0) * 40 }
        let tables = [
            TraceTable(kind: .compute, file: "compute.csv", features: compute, timesS: computeS),
            TraceTable(
                kind: .transfer, file: "transfer.csv", features: bytes.flatMap { [1, $0] },
                timesS: bytes.map { $0 * 1e-8 }),
        ]
        let file = try #require(
            try EstimatorTraining(hardware: "made up", cores: 2, rounds: 60).run(tables, elapsedS: { 0 }))
        return try Estimator(file, file: "x", hardware: "made up")
    }

    /// A convolution by channel, an activation, a dense convolution of 3 x 3 and one of a pixel over 12 x 12 pixels.
    private static func graph() throws -> SharedGraph {
        func node(
            _ type: String, _ input: String, _ output: String, _ weight: String?, group: Int64 = 1, pad: Int64 = 0
        ) -> NodeDescription {
            NodeDescription(
                name: output, type: type, inputs: [input] + (weight.map { [$0] } ?? []), outputs: [output],
                attributes: weight == nil
                    ? [:] : ["group": .integer(group), "pads": .integers([pad, pad, pad, pad])])
        }
        return SharedGraph(
            try ModelGraph(
                GraphDescription(
                    name: "made up",
                    nodes: [
                        node("Conv", "x", "a", "w1", group: 8, pad: 1), node("Relu", "a", "b", nil),
                        node("Conv", "b", "c", "w2", pad: 1), node("Conv", "c", "d", "w3"),
                    ],
                    inputs: [.init(name: "x", type: try TensorType(.float32, [1, 8, 12, 12]))], outputs: ["d"],
                    initializers: [
                        .init(name: "w1", type: try TensorType(.float32, [8, 1, 3, 3])),
                        .init(name: "w2", type: try TensorType(.float32, [40, 8, 3, 3])),
                        .init(name: "w3", type: try TensorType(.float32, [100, 40, 1, 1])),
                    ])))
    }

    @Test func `parts are asked for as the traces name them, and of others nothing is said`() throws {
        let estimator = try Self.estimator()
        let shared = try Self.graph()
        func part(_ position: Int, channels: Int, rows: Int) -> SharePart {
            SharePart(
                position: position,
                region: Region.whole(shared.shape(of: position)).replacing(1, with: 0..<channels).replacing(
                    2, with: 0..<rows), device: 0)
        }
        let times = try EstimatedTiming(estimator).computeS(
            [
                part(0, channels: 8, rows: 6), part(1, channels: 8, rows: 6), part(2, channels: 40, rows: 6),
                part(3, channels: 100, rows: 6), part(3, channels: 100, rows: 6), part(3, channels: 7, rows: 12),
            ], of: shared)
        // Of two cores each has half of the output channels, and of seven one has four.
        let wanted = try estimator.timesS(
            .compute,
            rows: [
                [2, 4, 4, 6, 12, 8, 14, 1], [1, 40, 50, 6, 12, 6, 12, 1], [1, 40, 4, 12, 12, 12, 12, 1],
            ])
        // An activation is in no trace, and 72 unfolded input channels are more than all that are.
        #expect(times == [wanted[0], nil, nil, wanted[1], wanted[1], wanted[2]])
    }

    @Test func `long messages are several, and a bandwidth beyond the traces is unknown`() throws {
        let estimator = try Self.estimator()
        let cluster = try SharingCluster(flops: [1, 1], bandwidthBytesPerS: 125e6)
        let timing = EstimatedTiming(estimator)
        let messages = [400, 4000, 4400, 12_000].map { ShareMessage(byteCount: $0, from: 0, to: 1) }
        let times = try timing.movingS(messages, on: cluster)
        let known = try estimator.timesS(.transfer, rows: [[1, 400], [1, 4000]])
        #expect(times == [known[0], known[1], known[0] + known[1], known[1] + 2 * known[1]])
        let faster = try SharingCluster(flops: [1, 1], bandwidthBytesPerS: 250e6)
        #expect(try timing.movingS(messages, on: faster) == [nil, nil, nil, nil])
    }

    @Test func `the search asks for all and finds a plan`() throws {
        let shared = try Self.graph()
        let cluster = try SharingCluster(flops: [1e9, 1e9], bandwidthBytesPerS: 125e6)
        let timing = EstimatedTiming(try Self.estimator())
        let plan = try SharingSystem.flexPie.plan(shared, on: cluster, SharingOptions(timing: timing))
        #expect(plan.evaluation.latencyS > 0)
    }
}
