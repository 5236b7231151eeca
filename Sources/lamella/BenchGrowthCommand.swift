import Agent
import ArgumentParser
import Costs
import Planning

/// How the exact planner's time grows with layers, devices and operating points.
struct BenchGrowthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth", abstract: "Measure how the exact planner's time grows with the size of the problem.")

    @Option(help: "Solves of each size; medians are printed.")
    var repeats = 3

    @Option(help: "Seed of the layers and devices.")
    var seed: UInt64 = 1

    func run() throws {
        var table = TextTable([
            ("layers", .right), ("devices", .right), ("points", .right), ("asked", .left), ("exact", .right),
            ("gap", .right),
        ])
        let progress = ProgressLine()
        var sizes: [(layers: Int, devices: Int, points: Int)] = []
        for layers in [20, 75, 150, 300, 600] { sizes.append((layers, 6, 1)) }
        for devices in [3, 10, 16, 32] { sizes.append((150, devices, 1)) }
        sizes.append((600, 32, 1))
        for points in [2, 6, 12] { sizes.append((75, 6, points)) }
        for size in sizes {
            progress.show("\(size.layers) layers, \(size.devices) devices, \(size.points) points")
            var problem = try BenchBoards.chain(
                layers: size.layers, devices: size.devices, points: size.points, seed: seed)
            if size.points > 1 {
                problem.constraints.maximumLatencyS = 1.3 * (try ExactPlanner().plan(problem).latencyS)
                problem.objective = .energy
            }
            var seconds: [Double] = []
            var gap = 0.0
            for _ in 0..<repeats {
                let plan = try ExactPlanner().plan(problem, clock: { MonotonicTime.now })
                seconds.append(plan.solveS)
                gap = plan.gap ?? 1
            }
            table.add([
                "\(size.layers)", "\(size.devices)", "\(size.points)",
                size.points > 1 ? "energy, latency <= 1.3 x" : "latency, tight memories",
                Readable.seconds(seconds.sorted()[repeats / 2]), gap <= 1e-9 ? "proved" : Readable.percent(gap),
            ])
        }
        progress.end()
        print(table.text)
    }

    func validate() throws {
        guard (1...100).contains(repeats) else { throw ValidationError("--repeats is 1 to 100") }
    }
}
