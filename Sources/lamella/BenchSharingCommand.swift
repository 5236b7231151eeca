import Agent
import ArgumentParser
import ONNXImport
import SharedPlanning
import Sharing
import SharingPlans
import Solver

/// How the latency of shared plans falls with boards, and how the time of planning them grows.
struct BenchSharingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sharing",
        abstract: "Measure how shared plans and the time to find them change with boards and operators.")

    @Argument(help: "Models that are planned for one board, two, and so on.")
    var models: [String]

    @Option(parsing: .upToNextOption, help: "More models, planned for --size-boards boards only.")
    var sizes: [String] = []

    @Option(help: "Most boards.")
    var boards = 8

    @Option(help: "Boards of the comparison by size.")
    var sizeBoards = 4

    @Option(help: "Bandwidth between any two boards in Mbit/s.")
    var megabitPerS = 1000.0

    @Option(help: "Where latency against the number of boards is drawn (SVG).")
    var latencySvg: String?

    @Option(help: "Where the time of planning is drawn (SVG).")
    var planningSvg: String?

    private static let flopsOfABoard = 10e9
    private static let linkLatencyS = 0.0002

    func validate() throws {
        guard (1...32).contains(boards), (1...32).contains(sizeBoards), megabitPerS > 0 else {
            throw ValidationError("give 1 to 32 boards and a positive bandwidth")
        }
    }

    func run() throws {
        let progress = ProgressLine()
        var growth = SharingGrowth(
            boards: "boards of \(Readable.flops(Self.flopsOfABoard)), \(Int(megabitPerS)) Mbit/s",
            overBoards: [], overOperators: [])
        for path in models {
            let (name, shared) = try Self.load(path)
            for count in 1...boards {
                progress.show("\(name) on \(count) boards")
                let point = try measure(name, shared, boards: count)
                growth.overBoards.append(point)
                if count == sizeBoards { growth.overOperators.append(point) }
            }
        }
        for path in sizes {
            let (name, shared) = try Self.load(path)
            guard !growth.overOperators.contains(where: { $0.model == name }) else { continue }
            progress.show(name)
            growth.overOperators.append(try measure(name, shared, boards: sizeBoards))
        }
        progress.end()
        if let latencySvg { try FileText.write(growth.latencyDrawing.svg, to: latencySvg) }
        if let planningSvg { try FileText.write(growth.planningDrawing.svg, to: planningSvg) }
        guard latencySvg != "-", planningSvg != "-" else { return }
        print(Self.table(growth).text)
    }

    private static func load(_ path: String) throws -> (name: String, shared: SharedGraph) {
        (ModelName.of(path: path), SharedGraph(try ImportedModel.load(path: path).graph))
    }

    private func measure(_ name: String, _ shared: SharedGraph, boards: Int) throws -> SharingGrowth.Point {
        let cluster = try SharingCluster(
            flops: [Double](repeating: Self.flopsOfABoard, count: boards), bandwidthBytesPerS: megabitPerS * 1e6 / 8,
            latencyS: Self.linkLatencyS)
        let start = MonotonicTime.now
        let outcome = try Unified.plan(shared, cluster, SharingOptions(solver: HighsShareSolver()))
        let planningS = (MonotonicTime.now - start).inSeconds
        guard
            let point = SharingGrowth.Point(
                model: name, operatorCount: shared.graph.operators.count, boardCount: boards, outcome,
                planningS: planningS)
        else { throw SharingError("\(name): no system had a plan for \(boards) boards") }
        return point
    }

    private static func table(_ growth: SharingGrowth) -> TextTable {
        var table = TextTable([
            ("model", .left), ("operators", .right), ("boards", .right), ("unified", .right),
            ("best other", .right), ("", .left), ("planned in", .right),
        ])
        let others = growth.overOperators.filter { !growth.overBoards.contains($0) }
        for point in growth.overBoards + others {
            table.add([
                point.model, "\(point.operatorCount)", "\(point.boardCount)", Readable.seconds(point.latencyS),
                Readable.seconds(point.otherLatencyS), point.other.rawValue, Readable.seconds(point.planningS),
            ])
        }
        return table
    }
}
