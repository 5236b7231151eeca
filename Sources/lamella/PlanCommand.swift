import ArgumentParser
import Board
import Costs
import Glibc
import JSON
import Planning
import Solver

/// `lamella plan`: a problem in, a plan out. The daemon starts this same command for its own plans.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Decide offline which device of a cluster runs which layers of a model.",
        discussion: """
            EXAMPLES
              lamella plan alexnet.onnx --cluster c1.toml
              lamella plan alexnet.onnx --cluster c1.toml --granularity operator --json
              lamella plan alexnet.onnx --cluster c1.toml --objective energy --max-latency 0.8 --max-energy nano=2
              lamella plan alexnet.onnx --cluster c1.toml --objective carbon --service continuous --period 1h
              lamella plan alexnet.onnx --cluster c1.toml --private 2 --pin conv5=nano
              lamella plan alexnet.onnx --cluster c1.toml --pareto latency,energy --svg front.svg
              lamella plan alexnet.onnx --cluster c1.toml --planner base-ilp
              lamella plan --problem problem.json --json
              lamella plan --problem - --json < problem.json

            PLANNERS
            \(Self.plannerLines)

            EXIT STATUS
              0 a plan was printed; 3 no plan exists (standard error says what stops it); other: an error.
            """)

    private static var plannerLines: String {
        let width = PlannerCatalog.Name.allCases.map(\.rawValue.count).max() ?? 0
        return PlannerCatalog.Name.allCases.map { name in
            "  \(name.rawValue)" + String(repeating: " ", count: width - name.rawValue.count + 2) + name.summary
        }.joined(separator: "\n")
    }

    @Argument(help: "The model, an ONNX file. Its weights need not be there.")
    var model: String?

    @OptionGroup var asked: ProblemOptions

    @Option(help: "Who plans.")
    var planner: PlannerCatalog.Name = .exact

    @OptionGroup var limits: BudgetOptions

    @Option(
        help: ArgumentHelp("Also say what the plan comes to in this time: 90s, 15m, 1h or 1d.", valueName: "time"))
    var period: PeriodArgument?

    @Flag(help: "Print the plan as JSON.")
    var json = false

    func validate() throws { try asked.requireSource(model: model) }

    func run() throws {
        try PlanningFailure.reported(by: "plan") {
            let problem = try asked.read(model: model)
            let clock = ContinuousClock()
            let start = clock.now
            let plan = try CheckedPlan.make(
                PlannerCatalog.planner(planner, budget: limits.budget), problem) { clock.now - start }
            print(
                json
                    ? try JSON.encode(PlanWithPeriod(plan, period), pretty: true)
                    : PlanReport(plan, of: problem, periodS: period?.seconds).text,
                terminator: json ? "\n" : "")
        }
    }
}

/// A plan as JSON, with one more member where a period was asked for.
private struct PlanWithPeriod: Encodable {
    let plan: Plan
    let period: PeriodFigures?

    init(_ plan: Plan, _ period: PeriodArgument?) {
        self.plan = plan
        self.period = period.map { PeriodFigures(plan, periodS: $0.seconds) }
    }

    enum CodingKeys: String, CodingKey { case period }

    func encode(to encoder: any Encoder) throws {
        try plan.encode(to: encoder)
        guard let period else { return }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(period, forKey: .period)
    }
}
