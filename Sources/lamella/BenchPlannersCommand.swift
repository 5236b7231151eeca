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

    @Option(help: "Devices of the problems: one number or several with commas.")
    var devices = "6"

    @Option(
        help: "Operating points of each device; with more than one, least energy within 1.3 times the least latency.")
    var points = 1

    @Option(help: "Solves of each kind; medians are printed.")
    var repeats = 5

    @Option(help: "Seconds for one solve of HiGHS; what takes longer counts as so long.")
    var timeLimit = 30.0

    @Option(help: "Seed of the devices' speeds, memories and links.")
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    private struct Row: Encodable {
        var model: String
        var layers: Int
        var devices: Int
        var exactS: Double
        var exactGap: Double
        var highsS: Double
        /// Did HiGHS prove its plan within its time?
        var highsProved: Bool
        var ratio: Double
        /// Relative; nil where HiGHS proved nothing.
        var difference: Double?

        enum CodingKeys: String, CodingKey {
            case model, layers, devices, ratio, difference
            case exactS = "exact_s"
            case exactGap = "exact_gap"
            case highsS = "highs_s"
            case highsProved = "highs_proved"
        }
    }

    private var deviceCounts: [Int] { devices.split(separator: "," as Character).compactMap { Int($0) } }

    func validate() throws {
        guard !deviceCounts.isEmpty, deviceCounts.allSatisfy({ (2...32).contains($0) }), (1...1000).contains(repeats),
            (1...Device.maximumOperatingPoints).contains(points), !models.isEmpty, timeLimit > 0
        else { throw ValidationError("give at least one model, 2 to 32 devices, 1 to 64 points and 1 to 1000 repeats") }
    }

    func run() throws {
        let progress = ProgressLine()
        var rows: [Row] = []
        for path in models {
            let graph = try ImportedModel.load(path: path).graph
            for count in deviceCounts {
                progress.show("\(graph.name) on \(count) devices")
                rows.append(try measure(graph, devices: count))
            }
        }
        progress.end()
        if json {
            print(try JSON.encode(rows, pretty: true))
            return
        }
        var table = TextTable([
            ("model", .left), ("layers", .right), ("devices", .right), ("exact", .right), ("HiGHS", .right),
            ("exact / HiGHS", .right), ("difference", .right),
        ])
        for row in rows {
            table.add([
                row.model, "\(row.layers)", "\(row.devices)", Readable.seconds(row.exactS),
                (row.highsProved ? "" : "> ") + Readable.seconds(row.highsS),
                (row.highsProved ? "" : "< ") + Self.text(ratio: row.ratio),
                row.difference.map { "\($0)" } ?? "not proved",
            ])
        }
        print(table.text)
        let ratios = rows.map(\.ratio).sorted()
        print("median of \(ratios.count): \(Self.text(ratio: ratios[ratios.count / 2]))")
    }

    private static func text(ratio: Double) -> String {
        ratio < 1 ? "1 / \(Int((1 / ratio).rounded()))" : "\((ratio * 10).rounded() / 10)"
    }

    private func measure(_ graph: ModelGraph, devices: Int) throws -> Row {
        var problem = try BenchBoards.problem(of: graph, devices: devices, points: points, seed: seed)
        if points > 1 {
            problem.constraints.maximumLatencyS = 1.3 * (try ExactPlanner().plan(problem).latencyS)
            problem.objective = .energy
        }
        var exactS: [Double] = []
        var highsS: [Double] = []
        var row = Row(
            model: graph.name, layers: problem.layers.count, devices: devices, exactS: 0, exactGap: 0, highsS: 0,
            highsProved: true, ratio: 0, difference: nil)
        for _ in 0..<repeats {
            let exact = try ExactPlanner().plan(problem, clock: { MonotonicTime.now })
            exactS.append(exact.solveS)
            row.exactGap = exact.gap ?? 1
            let start = MonotonicTime.now
            let highs = try? ChainProblemPlanner(name: "highs", solver: ChainIntegerSolver(timeLimitS: timeLimit))
                .plan(problem, clock: { MonotonicTime.now })
            highsS.append(highs?.solveS ?? (MonotonicTime.now - start).inSeconds)
            guard let value = highs?.value, highs?.gap ?? 1 <= 1e-9, let own = exact.value else {
                row.highsProved = false
                // One run that takes the whole time says as much as several.
                break
            }
            row.difference = max(row.difference ?? 0, abs(own - value) / own)
        }
        row.exactS = exactS.sorted()[exactS.count / 2]
        row.highsS = highsS.sorted()[highsS.count / 2]
        row.ratio = row.exactS / row.highsS
        return row
    }
}
