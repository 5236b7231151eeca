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
              lamella plan alexnet.onnx --cluster c1.toml --private 2 --pin node_conv2d_4=nano
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
        help: ArgumentHelp("Also say what the plan comes to in this time: 90s, 15m, 1h or 1d.", valueName: "time"),
        transform: PeriodArgument.init)
    var period: PeriodArgument?

    @Option(
        help: ArgumentHelp(
            "Every plan that none beats in both of two objectives, instead of one plan.", valueName: "latency,energy"),
        transform: ParetoArgument.init)
    var pareto: ParetoArgument?

    @Option(help: ArgumentHelp("Draw what --pareto finds; - is standard output.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        try asked.requireSource(model: model)
        guard pareto == nil || period == nil else {
            throw ValidationError("--period is said of one plan; leave it out with --pareto")
        }
        guard svg == nil || pareto != nil else {
            throw ValidationError("--svg draws a front; say which with --pareto latency,energy")
        }
        guard !(json && svg == "-") else {
            throw ValidationError("--json and --svg - both want standard output; give --svg a file")
        }
    }

    func run() throws {
        try PlanningFailure.reported(by: "plan") {
            if let pareto { return try printFront(pareto) }
            let problem = try asked.read(model: model)
            let clock = ContinuousClock()
            let start = clock.now
            let plan = try CheckedPlan.make(
                PlannerCatalog.planner(planner, budget: limits.budget), problem
            ) { clock.now - start }
            print(
                json
                    ? try JSON.encode(PlanWithPeriod(plan, period), pretty: true)
                    : PlanReport(plan, of: problem, periodS: period?.seconds).text,
                terminator: json ? "\n" : "")
        }
    }

    private func printFront(_ pareto: ParetoArgument) throws {
        let problem = try asked.read(model: model, isContinuous: pareto.contains(.throughput))
        let progress = ProgressLine()
        let planner = PlannerCatalog.planner(planner, budget: limits.budget)
        let clock = ContinuousClock()
        let start = clock.now
        let front = try ParetoFront(problem, pareto.horizontal, pareto.vertical) { asked throws(PlanningError) in
            try CheckedPlan.make(planner, asked, saysHowFar: false) { clock.now - start }
        } onPoint: {
            progress.show("\($0) points of the front")
        }
        progress.end()
        let report = ParetoReport(front, of: problem)
        if let svg { try FileText.write(report.svg, to: svg) }
        if json {
            print(try JSON.encode(front, pretty: true))
        } else if svg != "-" {
            print(report.text, terminator: "")
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
