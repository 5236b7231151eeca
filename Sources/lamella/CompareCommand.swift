import ArgumentParser
import Costs
import JSON
import ONNXImport
import Planning
import SharedPlanning
import SharingPlans
import Solver

/// `lamella compare`: every planner on one problem, a row for each.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Hold every planner against the others on one problem.",
        discussion: """
            Every plan is priced by the same evaluator, whatever the planner's own equations say; where the planner's \
            own figure differs it is shown beside. The row of the best plan is marked, and a planner that has no plan \
            says why. A system whose published equations differ from what is physically so stands there twice. \
            Tc, Tx and Tw are the latency's parts: computing, moving tensors, reading weights.

            The systems that share operators between boards stand there too, as "sharing NAME" (--sharing): \
            Tc is then what the busiest device computes, Tx what it waits, and "its own" the latency by GenEFlow's \
            published equations. They hold their weights in memory; plans without sharing do where the cluster file \
            says weights = "resident".

            EXAMPLES
              lamella compare alexnet.onnx --cluster c1.toml
              lamella compare alexnet.onnx --cluster c1.toml --objective energy --max-latency 0.5
              lamella compare alexnet.onnx --cluster c1.toml --csv table.csv
              lamella compare alexnet.onnx --cluster c1.toml --sharing on
              lamella compare --problem problem.json --json

            EXIT STATUS
              0 a planner has a plan; 3 none has; other: an error.
            """)

    @Argument(help: "The model, an ONNX file. Its weights need not be there.")
    var model: String?

    @OptionGroup var asked: ProblemOptions

    @Option(
        help: ArgumentHelp("Who shall plan, by name; every planner where it is left out.", valueName: "a,b,c"))
    var planners: String?

    @Option(
        help: """
            on: also the systems that share operators between boards, the default for the latency of a model's file; \
            off: they are left out.
            """)
    var sharing: ProblemOptions.Switch?

    @OptionGroup var limits: BudgetOptions

    @Option(help: ArgumentHelp("Write the table as comma-separated values; - is standard output.", valueName: "file"))
    var csv: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        try asked.requireSource(model: model)
        _ = try names()
        guard sharing != .on || asked.problem == nil else {
            throw ValidationError("--sharing needs the model's operators; give the model and --cluster, no --problem")
        }
        guard !(json && csv == "-") else {
            throw ValidationError("--json and --csv - both want standard output; give --csv a file")
        }
    }

    func run() throws {
        try PlanningFailure.reported(by: "compare") {
            let problem = try asked.read(model: model)
            let clock = ContinuousClock()
            let start = clock.now
            let progress = ProgressLine()
            var rows = try names().flatMap { name in
                progress.show("planner \(name.rawValue)")
                let planner = PlannerCatalog.planner(name, budget: limits.budget)
                var variants: [(title: String, planner: any Planner)] = [(name.rawValue, planner)]
                if name.hasPublishedForm, problem.costModel == .sound {
                    variants.append(("\(name.rawValue), published", AsPublished(planner)))
                }
                return variants.map { variant in
                    PlannerComparison.row(variant.title) { () throws(PlanningError) in
                        try CheckedPlan.make(variant.planner, problem) { clock.now - start }
                    }
                }
            }
            let isUsual = model != nil && planners == nil && SharedProblem.canBeAsked(problem)
            if sharing.map({ $0 == .on }) ?? isUsual {
                rows += try sharingRows(problem, progress) { clock.now - start }
            }
            progress.end()
            let comparison = PlannerComparison(problem, rows: rows)
            if let csv { try FileText.write(comparison.csv, to: csv) }
            if json {
                print(try JSON.encode(comparison, pretty: true))
            } else if csv != "-" {
                print(comparison.text, terminator: "")
            }
            if comparison.best == nil { throw ExitCode(PlanningFailure.infeasibleExitCode) }
        }
    }

    /// Every system that shares operators.
    private func sharingRows(
        _ problem: Problem, _ progress: ProgressLine, clock: () -> Duration
    ) throws -> [PlannerComparison.Row] {
        guard let model else { return [] }
        let graph = try ImportedModel.load(path: model).graph
        let layers = graph.layers(asked.granularity)
        return SharingSystem.allCases.map { system in
            progress.show("sharing by \(system.rawValue)")
            return PlannerComparison.row("sharing \(system.rawValue)") { () throws(PlanningError) in
                let options = SharingArguments.options(limits, deviceCount: problem.devices.count)
                let solution = try SharedSolution.best(
                    problem, graph, layers: layers, by: system, options: options, clock: clock)
                var plan = solution.plan
                plan.ownEstimate = solution.problem.aroundS + solution.evaluation.publishedLatencyS
                return plan
            }
        }
    }

    private func names() throws -> [PlannerCatalog.Name] {
        guard let planners else { return PlannerCatalog.Name.allCases }
        let names = try planners.split(separator: "," as Character).map { text in
            guard let name = PlannerCatalog.Name(rawValue: String(text)) else {
                throw ValidationError(
                    "--planners: there is no planner \(text); the planners are "
                        + PlannerCatalog.Name.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return name
        }
        guard !names.isEmpty else { throw ValidationError("--planners names none; leave it out for all") }
        return names
    }
}
