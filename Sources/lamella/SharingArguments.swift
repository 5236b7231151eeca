import ArgumentParser
import Costs
import ModelGraph
import ONNXImport
import SharingPlans
import Solver

extension SharingChoice: ExpressibleByArgument {}
extension SharingSystem: ExpressibleByArgument {}

/// Whether boards share operators, and who decides how.
struct SharingArguments: ParsableArguments {
    @Option(
        help: """
            on: boards share operators, each a part of the same one; off: each layer runs on one device; auto: on \
            where that is predicted to save 5 % or more.
            """)
    var sharing: SharingChoice = .off

    @Option(name: .customLong("sharing-planner"), help: "Who decides how operators are shared (default: unified).")
    var askedPlanner: SharingSystem?

    var sharingPlanner: SharingSystem { askedPlanner ?? .unified }

    @Option(
        help: ArgumentHelp(
            "With --problem: the model's graph, whose operators are shared; an ONNX file.", valueName: "file"))
    var graph: String?

    /// A line for each system, for `discussion`.
    static var systemLines: String {
        let width = SharingSystem.allCases.map(\.rawValue.count).max() ?? 0
        return SharingSystem.allCases.map { system in
            "  \(system.rawValue)" + String(repeating: " ", count: width - system.rawValue.count + 2)
                + system.summary
        }.joined(separator: "\n")
    }

    /// What the planners of shared operators may use; time counts from now on.
    ///
    /// - Parameters:
    ///   - budget: what is asked; where it is silent, `SharingBudget.usual`.
    ///   - deviceCount: devices of the problem.
    static func options(_ budget: BudgetOptions, deviceCount: Int) -> SharingOptions {
        let clock = ContinuousClock()
        let origin = clock.now
        var sharing = SharingBudget.usual(deviceCount: deviceCount) { clock.now - origin }
        if let timeS = budget.timeS { sharing.timeS = timeS }
        if let memoryBytes = budget.memoryBytes { sharing.memoryBytes = memoryBytes }
        return SharingOptions(budget: sharing, solver: HighsShareSolver())
    }

    /// Is the graph known, where it is needed?
    func requireGraph(model: String?, problem: String?) throws {
        guard sharing != .off else {
            guard askedPlanner == nil else {
                throw ValidationError("--sharing-planner is for sharing operators; say --sharing on or auto")
            }
            guard graph == nil else {
                throw ValidationError("--graph is for sharing operators; say --sharing on or auto")
            }
            return
        }
        guard problem == nil || graph != nil else {
            throw ValidationError("--sharing needs the model's operators, which no problem has; give --graph FILE.onnx")
        }
        guard problem != nil || graph == nil else {
            throw ValidationError("--graph goes with --problem; the model's operators are in its own file")
        }
    }

    /// The graph with its layers, from whichever file has it.
    func read(model: String?, granularity: LayerGranularity) throws -> (graph: ModelGraph, layers: [GraphLayer]) {
        guard let path = graph ?? model else { throw ValidationError("which model? Give an ONNX file, or --graph") }
        let graph = try ImportedModel.load(path: path).graph
        return (graph, graph.layers(granularity))
    }
}
