import Agent
import ArgumentParser
import Costs
import JSON
import ModelGraph
import ONNXImport
import Planning
import Solver

/// The exact planner against the integer program on HiGHS, both on the same problem and in turn.
struct BenchPlannersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planners", abstract: "Measure the exact planner against HiGHS on the same problems.")

    @Argument(help: "Models, with or without weights.")
    var models: [String]

    @Option(help: "Devices of the problems.")
    var devices = 6

    @Option(help: "Solves of each kind; medians are printed.")
    var repeats = 5

    @Option(help: "Seed of the devices' speeds, memories and links.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    private struct Row: Encodable {
        var model: String
        var layers: Int
        var exactS: Double
        var highsS: Double
        var ratio: Double
        var latencyDifference: Double

        enum CodingKeys: String, CodingKey {
            case model, layers, ratio
            case exactS = "exact_s"
            case highsS = "highs_s"
            case latencyDifference = "latency_difference"
        }
    }

    func validate() throws {
        guard (2...32).contains(devices), (1...1000).contains(repeats), !models.isEmpty else {
            throw ValidationError("give at least one model, 2 to 32 devices and 1 to 1000 repeats")
        }
    }

    func run() throws {
        let rows = try models.map(measure)
        if json {
            print(try JSON.encode(rows, pretty: true))
            return
        }
        var table = TextTable([
            ("model", .left), ("layers", .right), ("exact", .right), ("HiGHS", .right), ("exact / HiGHS", .right),
        ])
        for row in rows {
            table.add([
                row.model, "\(row.layers)", Readable.seconds(row.exactS), Readable.seconds(row.highsS),
                row.ratio < 1 ? "1 / \(Int((1 / row.ratio).rounded()))" : "\((row.ratio * 10).rounded() / 10)",
            ])
        }
        print(table.text)
    }

    private func measure(_ path: String) throws -> Row {
        let graph = try ImportedModel.load(path: path).graph
        let problem = try self.problem(of: graph)
        var exactS: [Double] = []
        var highsS: [Double] = []
        var difference = 0.0
        for _ in 0..<repeats {
            let exact = try ExactPlanner().plan(problem, clock: { MonotonicTime.now })
            let highs = try IntegerProgramPlanner().plan(problem, clock: { MonotonicTime.now })
            exactS.append(exact.solveS)
            highsS.append(highs.solveS)
            difference = max(difference, abs(exact.latencyS - highs.latencyS) / exact.latencyS)
        }
        let medians = (exactS.sorted()[repeats / 2], highsS.sorted()[repeats / 2])
        return Row(
            model: graph.name, layers: problem.layers.count, exactS: medians.0, highsS: medians.1,
            ratio: medians.0 / medians.1, latencyDifference: difference)
    }

    /// Seeded boards that together hold the model about twice, where its layers are small enough for that; each holds
    /// at least any one layer, so that there is a plan, and none holds all of them.
    private func problem(of graph: ModelGraph) throws -> Problem {
        var generator = SeededGenerator(seed: seed)
        let share = 2 * graph.weightBytes / devices
        let layers = graph.layers(.operator)
        let largestLayerBytes = layers.map(\.weightBytes).max() ?? 0
        let peakBytes = layers.map(\.activationPeakBytes).max() ?? 0
        let boards = (0..<devices).map { index in
            Device(
                id: DeviceID("board\(index)"), flops: Double.random(in: 1e9...5e10, using: &generator),
                memoryBandwidthBytesPerS: Double.random(in: 1e9...1e10, using: &generator),
                memoryBytes: max(
                    Int(Double(share) * Double.random(in: 0.8...1.2, using: &generator)), largestLayerBytes)
                    + peakBytes)
        }
        var links: [Link] = []
        for first in 0..<devices {
            for second in (first + 1)..<devices {
                links.append(
                    Link(
                        between: boards[first].id, boards[second].id,
                        bandwidthBytesPerS: Double.random(in: 1e6...1e8, using: &generator)))
            }
        }
        let inputBytes = graph.inputs.reduce(0) { $0 + (graph.tensors[$1]?.byteCount ?? 0) }
        return try Problem(
            model: graph.name, graphLayers: layers, inputBytes: inputBytes, devices: boards,
            links: links, source: boards[0].id, destination: boards[0].id)
    }
}
