import ArgumentParser
import Costs
import Estimator
import ModelGraph
import ONNXImport
import SharedPlanning
import SharingPlans
import Solver

extension SharingChoice: ExpressibleByArgument {}
extension SharingSystem: ExpressibleByArgument {}

/// Whether boards share operators, and who decides how.
struct SharingArguments: ParsableArguments {
    @Option(
        help: """
            on: boards share operators, each a part of the same one; off: each layer runs on one device; auto: on \
            where that is predicted to save 5 % or more, the default for the latency of a model's file.
            """)
    var sharing: SharingChoice?

    @Option(name: .customLong("sharing-planner"), help: "Who decides how operators are shared (default: unified).")
    var askedPlanner: SharingSystem?

    var sharingPlanner: SharingSystem { askedPlanner ?? .unified }

    @Option(
        help: ArgumentHelp(
            "With --problem: the model's graph, whose operators are shared; an ONNX file.", valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            "Times that flexpie plans by, also as a part of unified: of lamella estimator train, for --hardware.",
            valueName: "file"))
    var estimator: String?

    @Option(
        help: ArgumentHelp("With --estimator: the hardware that is planned for, as in training.", valueName: "name"))
    var hardware: String?

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
    func options(_ budget: BudgetOptions, deviceCount: Int) throws -> SharingOptions {
        var options = Self.options(budget, deviceCount: deviceCount)
        options.timing = try timing()
        return options
    }

    private func timing() throws -> (any ShareTiming)? {
        guard let estimator, let hardware else { return nil }
        return EstimatedTiming(try Estimator(path: estimator, hardware: hardware))
    }

    func validate() throws {
        guard (estimator == nil) == (hardware == nil) else {
            throw ValidationError(
                estimator == nil
                    ? "--hardware goes with --estimator; give both or none"
                    : "--estimator needs --hardware, so that nobody plans by another board's times")
        }
        guard estimator == nil || [.flexPie, .unified].contains(sharingPlanner) else {
            throw ValidationError(
                "--estimator is for --sharing-planner flexpie, or unified, which asks it; leave it out for "
                    + sharingPlanner.rawValue)
        }
    }

    /// The same without an estimator.
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
        guard asksToShare || askedPlanner != nil && sharing == nil && model != nil else {
            guard askedPlanner == nil else {
                throw ValidationError("--sharing-planner is for sharing operators; say --sharing on or auto")
            }
            guard graph == nil else {
                throw ValidationError("--graph is for sharing operators; say --sharing on or auto")
            }
            guard estimator == nil || problem == nil && sharing == nil else {
                throw ValidationError("--estimator is for sharing operators; say --sharing on or auto")
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

    /// Did somebody say so?
    var asksToShare: Bool { sharing ?? .off != .off }

    /// What was asked; of a model's file whose latency is asked for, and nothing that sharing has no answer to, the
    /// better of both.
    ///
    /// - Parameter isChainAsked: does another option ask for what only plans without sharing have?
    func choice(_ problem: Problem, model: String?, isChainAsked: Bool) -> SharingChoice {
        if let sharing { return sharing }
        // Who names a planner wants its plan.
        if askedPlanner != nil { return .on }
        guard model != nil, !isChainAsked, SharedProblem.canBeAsked(problem) else { return .off }
        return .auto
    }

    /// The graph with its layers, from whichever file has it.
    func read(model: String?, granularity: LayerGranularity) throws -> (graph: ModelGraph, layers: [GraphLayer]) {
        guard let path = graph ?? model else { throw ValidationError("which model? Give an ONNX file, or --graph") }
        let graph = try ImportedModel.load(path: path).graph
        return (graph, graph.layers(granularity))
    }
}
