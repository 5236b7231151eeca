import Costs
import Estimator
import Foundation
import ModelGraph
import ONNXImport
import Sharing
import SharingPlans
import Testing

/// FlexPie's own figures from its own traces: our estimator, trained on them, in our search.
///
/// `LAMELLA_FLEXPIE_TRACES` names the folder that holds `compute.csv` and `transfer.csv` as released with FlexPie; all
/// rows are printed.
@Suite(
    .serialized, .enabled(if: Estimator.isAvailable, "needs XGBoost: apt install libxgboost-dev"),
    .enabled(
        if: FlexPieTraces.folder != nil,
        "needs FlexPie's released traces, takes minutes; LAMELLA_FLEXPIE_TRACES=FOLDER runs it"))
struct FlexPieTableTests {
    /// A line of the table: a way to share, and its milliseconds at 5 Gbit/s on the released compute traces.
    private struct Line {
        let name: String
        let schemes: [SharingScheme]
        let longest: Int
        let publishedMs: Double?
    }

    private static let all = FlexPie.schemes(4)
    private static func one(_ cut: SharingScheme.Cut) -> [SharingScheme] { [.equal(cut, of: 4)] }

    private static let lines = [
        Line(name: "OutC", schemes: one(.channels), longest: 1, publishedMs: 38.27),
        Line(name: "InH", schemes: one(.rows), longest: 1, publishedMs: 35.52),
        Line(name: "2D-grid", schemes: one(.grid), longest: 1, publishedMs: 33.88),
        Line(name: "layer-wise", schemes: all, longest: 1, publishedMs: 32.05),
        Line(name: "2D-grid, fused", schemes: one(.grid), longest: .max, publishedMs: nil),
        Line(name: "flexpie", schemes: all, longest: .max, publishedMs: 29.70),
    ]

    /// Layers of which each is exchanged have shapes that were measured. Those with a halo, which only fused layers
    /// compute, were not: the trees guess them, and another seed guesses otherwise. So several seeds are asked, and the
    /// middle counts.
    @Test func `MobileNet's layers 1 to 26 on four nodes take what is published within 3 percent`() throws {
        let timings = try FlexPieTraces.seeds.map { try FlexPieTraces.timing(seed: $0) }
        let shared = try FlexPieTraces.mobileNet()
        for gigabitPerS in [5, 1, 0.5] {
            let cluster = try FlexPieTraces.cluster(gigabitPerS: gigabitPerS)
            var ours: [String: Double] = [:]
            for line in Self.lines {
                let times = try timings.map { timing in
                    var search = SegmentSearch(
                        shared, cluster, line.schemes, longest: line.longest,
                        pricing: SegmentPricing(inputsAreEverywhere: true))
                    try search.use(timing)
                    #expect(search.times?.unknownCount == 0, "every part and message is in the traces' ranges")
                    return search.run().costS * 1e3
                }.sorted()
                let middle = times[times.count / 2]
                ours[line.name] = middle
                var text = "\(line.name) at \(gigabitPerS) Gbit/s: ours \(middle) ms (\(times[0]) to "
                text += "\(times[times.count - 1]) over \(times.count) seeds)"
                if gigabitPerS == 5, let published = line.publishedMs {
                    let deviation = middle / published - 1
                    text += ", published \(published) ms, \(deviation * 100) %"
                    #expect(abs(deviation) <= 0.03, "\(line.name)")
                }
                print(text)
            }
            let wanted = ["OutC", "InH", "2D-grid", "layer-wise", "flexpie"].compactMap { ours[$0] }
            #expect(wanted == wanted.sorted(by: >), "the published order at \(gigabitPerS) Gbit/s")
            #expect(try #require(ours["2D-grid, fused"]) < (try #require(ours["2D-grid"])))
            #expect(try #require(ours["2D-grid, fused"]) > (try #require(ours["flexpie"])))
        }
    }

    /// Published seconds of search. Theirs are of another machine.
    @Test(arguments: [("mobilenet", 18.5), ("resnet18", 11.6), ("resnet101", 76.3), ("bert_base", 0.01)])
    func `the search of a whole model takes no minute`(model: String, publishedS: Double) throws {
        let timing = try FlexPieTraces.timing()
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/models/\(model).onnx").path
        let shared = SharedGraph(try ImportedModel.load(path: path).graph)
        let cluster = try FlexPieTraces.cluster(gigabitPerS: 5)
        let clock = ContinuousClock()
        func seconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        }
        let plain = seconds(
            clock.measure { _ = SegmentSearch(shared, cluster, FlexPie.schemes(4)).run() })
        let start = clock.now
        var search = SegmentSearch(shared, cluster, FlexPie.schemes(4))
        try search.use(timing)
        let asked = seconds(start.duration(to: clock.now))
        let found = search.run()
        let estimated = seconds(start.duration(to: clock.now))
        let times = try #require(search.times)
        print(
            model, "operators", shared.graph.operators.count, "layers", search.layerCount, "published", publishedS,
            "s, ours", plain, "s, with the estimator", estimated, "s, of which it", asked, "s for",
            times.computeS.count, "parts and", times.movingS.count, "messages,", times.unknownCount,
            "unknown; plan ms", found.costS * 1e3, "segments", found.segments.count)
        #expect(plain < 60 && estimated < 60)
    }
}

/// What is made of the released traces: four nodes of eight cores in a ring.
enum FlexPieTraces {
    static let folder = ProcessInfo.processInfo.environment["LAMELLA_FLEXPIE_TRACES"]

    static let seeds: [UInt64] = [1, 2, 3, 4, 5]

    /// Parts by trees of the seed, messages by trees that are the same for all.
    static func timing(seed: UInt64 = 1) throws -> any ShareTiming {
        Both(
            parts: EstimatedTiming(try train([try table(.compute)], seed: seed)),
            messages: EstimatedTiming(try messages.get()))
    }

    private struct Both: ShareTiming {
        let parts: EstimatedTiming
        let messages: EstimatedTiming

        func computeS(_ asked: [SharePart], of shared: SharedGraph) throws(SharingError) -> [Double?] {
            try parts.computeS(asked, of: shared)
        }
        func movingS(_ asked: [ShareMessage], on cluster: SharingCluster) throws(SharingError) -> [Double?] {
            try messages.movingS(asked, on: cluster)
        }
    }

    /// Trained once for all tests.
    private static let messages = Result { try train([try table(.transfer)], seed: 1) }

    private static func table(_ kind: TraceKind) throws -> TraceTable {
        let path = "\(folder ?? "")/\(kind.usualFileName)"
        return try TraceTable([UInt8](Data(contentsOf: URL(fileURLWithPath: path))), kind: kind, file: path)
    }

    private static func train(_ tables: [TraceTable], seed: UInt64) throws -> Estimator {
        let training = EstimatorTraining(hardware: "TMS320C6678", cores: 8, seed: seed)
        let file = try #require(try training.run(tables, elapsedS: { 0 }))
        for model in file.header.models {
            print(
                model.kind.rawValue, "seed", seed, "held out, relative error: median",
                model.heldOut?.medianError ?? .nan, "mean", model.heldOut?.meanError ?? .nan)
        }
        return try Estimator(file, file: "trained", hardware: "TMS320C6678")
    }

    /// The speed counts for operators that no trace knows: what the traced convolutions make.
    static func cluster(gigabitPerS: Double) throws -> SharingCluster {
        try SharingCluster(flops: [8.6e9, 8.6e9, 8.6e9, 8.6e9], bandwidthBytesPerS: gigabitPerS * 1e9 / 8)
    }

    /// Pairs of a convolution by channel and one of a pixel, behind the first layer; activations are folded into them.
    static func mobileNet() throws -> SharedGraph {
        var nodes: [NodeDescription] = []
        var weights: [GraphDescription.Value] = []
        var channels = 32
        func add(_ shape: [Int], _ attributes: [String: AttributeValue]) throws {
            let index = nodes.count + 1
            weights.append(.init(name: "w\(index)", type: try TensorType(.float32, shape)))
            nodes.append(
                NodeDescription(
                    name: "layer\(index)", type: "Conv", inputs: ["t\(index - 1)", "w\(index)"],
                    outputs: ["t\(index)"], attributes: attributes))
        }
        let pairs =
            [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(Int, Int64)](repeating: (512, 1), count: 5)
            + [(1024, 2), (1024, 1)]
        for (outputs, stride) in pairs {
            try add(
                [channels, 1, 3, 3],
                [
                    "group": .integer(Int64(channels)), "pads": .integers([1, 1, 1, 1]),
                    "strides": .integers([stride, stride]),
                ])
            try add([outputs, channels, 1, 1], [:])
            channels = outputs
        }
        return SharedGraph(
            try ModelGraph(
                GraphDescription(
                    name: "mobilenet, layers 1 to 26", nodes: nodes,
                    inputs: [.init(name: "t0", type: try TensorType(.float32, [1, 32, 112, 112]))],
                    outputs: ["t\(nodes.count)"], initializers: weights)))
    }
}
