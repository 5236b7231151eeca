import ArgumentParser
import Dispatch
import NIOCore
import Planning
import SharingPlans

extension GeneFlow.Fitness: ExpressibleByArgument {}

/// How long GenEFlow's genetic search goes on, and what it counts.
struct GeneFlowArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "geneflow: chromosomes of a generation (default: as many as half a second allows; published: 250000).",
            valueName: "count"))
    var population: Int?

    @Option(help: ArgumentHelp("geneflow: generations at most (with --population: 50).", valueName: "count"))
    var generations: Int?

    @Option(help: ArgumentHelp("geneflow: the same number, the same plan.", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: "geneflow: what is made least: the paper's sum of terms, or the latency as all plans are priced (usual).")
    var fitness: GeneFlow.Fitness?

    func validate() throws {
        guard population == nil || (2...10_000_000).contains(population ?? 2) else {
            throw ValidationError("--population is \(population ?? 0); give a number from 2 to 10000000")
        }
        guard generations == nil || (1...100_000).contains(generations ?? 1) else {
            throw ValidationError("--generations is \(generations ?? 0); give a number from 1 to 100000")
        }
        let others = [("generations", generations != nil), ("seed", seed != nil), ("fitness", fitness != nil)]
        for (name, isGiven) in others where isGiven && population == nil {
            throw ValidationError("--\(name) goes with --population; give both, or leave the usual search")
        }
    }

    /// Was a size asked for? Then the search ends when it is done, not when the usual time is over.
    var isAsked: Bool { population != nil }

    /// Puts what was asked into the options: all cores, a line that says how far it is, an end with the best so far
    /// when somebody interrupts.
    func apply(to options: inout SharingOptions, _ limits: BudgetOptions, stop: StopSignal, line: ProgressLine) {
        guard let population else { return }
        options.geneFlow = GeneFlow.Settings(
            populationSize: population, generationsMost: generations ?? 50, seed: seed ?? 1, fitness: fitness ?? .sound)
        options.budget.timeS = limits.timeS
        options.budget.memoryBytes = limits.memoryBytes ?? Self.bytesMost
        options.cores = Self.allCores
        options.isTimeUp = { stop.isRaised }
        options.onGeneration = { progress in
            let excess =
                progress.bestExcessBytes > 0 ? ", \(FigureText.bytes(progress.bestExcessBytes)) too large" : ""
            line.show(
                "\(Self.bar(progress.generation, of: progress.generationsMost)) generation \(progress.generation) of "
                    + "\(progress.generationsMost) at most, best \(FigureText.seconds(progress.bestLatencyS))\(excess)")
        }
    }

    /// Unless somebody says otherwise.
    private static let bytesMost = 2_000_000_000
    private static let barWidth = 20

    private static func bar(_ done: Int, of all: Int) -> String {
        let filled = barWidth * done / max(1, all)
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled) + "]"
    }

    private static let allCores = CoreLoop(coreCount: System.coreCount) { count, body in
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }
}
