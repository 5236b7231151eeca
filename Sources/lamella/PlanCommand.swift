import ArgumentParser
import Board
import Costs
import Glibc
import JSON
import Planning
import SharedPlanning
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
              lamella plan alexnet.onnx --cluster c1.toml --sharing off
              lamella plan alexnet.onnx --cluster c1.toml --sharing on --svg plan.svg
              lamella plan alexnet.onnx --cluster c1.toml --sharing on --sharing-planner deepthings
              lamella plan alexnet.onnx --cluster c1.toml --sharing on --sharing-planner geneflow --population 250000
              lamella plan --problem problem.json --json
              lamella plan --problem - --json < problem.json

            PLANNERS
            \(Self.plannerLines)

            PLANNERS OF SHARED OPERATORS
            \(SharingArguments.systemLines)

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

    @Option(name: .customLong("planner"), help: "Who plans without sharing operators (default: exact).")
    var askedPlanner: PlannerCatalog.Name?

    private var planner: PlannerCatalog.Name { askedPlanner ?? .exact }

    @OptionGroup var shared: SharingArguments

    @OptionGroup var geneFlow: GeneFlowArguments

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

    @Option(
        help: ArgumentHelp(
            "Draw what --pareto finds, or a shared plan over time, which auto may not find; - is standard output.",
            valueName: "file"))
    var svg: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        try asked.requireSource(model: model)
        try shared.requireGraph(model: model, problem: asked.problem)
        guard !geneFlow.isAsked || shared.sharingPlanner == .geneFlow && shared.asksToShare else {
            throw ValidationError("--population is for --sharing on --sharing-planner geneflow; leave it out")
        }
        guard pareto == nil || !shared.asksToShare else {
            throw ValidationError("a front is of plans that share nothing; leave --sharing out with --pareto")
        }
        guard period == nil || !shared.asksToShare else {
            throw ValidationError("--period is said of plans that share nothing; leave --sharing out with it")
        }
        // Said before the figures that it would need are asked for.
        guard shared.sharing != .on || asked.objective != .throughput else {
            throw ValidationError(
                "plans that share operators are made for one inference at a time, asked is throughput; leave --sharing "
                    + "or --objective out")
        }
        guard pareto == nil || period == nil else {
            throw ValidationError("--period is said of one plan; leave it out with --pareto")
        }
        guard svg == nil || pareto != nil || shared.asksToShare || model != nil && shared.sharing == nil else {
            throw ValidationError(
                "--svg draws a front or a shared plan; say which with --pareto latency,energy or --sharing on")
        }
        guard !(json && svg == "-") else {
            throw ValidationError("--json and --svg - both want standard output; give --svg a file")
        }
    }

    func run() throws {
        try PlanningFailure.reported(by: "plan") {
            if let pareto { return try printFront(pareto) }
            let problem = try asked.read(model: model)
            let choice = shared.choice(
                problem, model: model, isChainAsked: askedPlanner != nil || period != nil || asked.profile != nil)
            if choice != .off { return try printShared(problem, choice) }
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

    private func printShared(_ problem: Problem, _ choice: SharingChoice) throws {
        let (graph, layers) = try shared.read(model: model, granularity: asked.granularity)
        let clock = ContinuousClock()
        let start = clock.now
        // Whoever gives problem and graph apart sends the plan on in a message.
        let mostNumbers = shared.graph == nil ? nil : SharedSolution.mostNumbersSent
        var options = try shared.options(limits, deviceCount: problem.devices.count)
        let stop = StopSignal()
        let line = ProgressLine()
        // Whoever interrupts a long search wants what was found; all others are ended as usual.
        let signals = geneFlow.isAsked ? Signals(onStop: { stop.raise() }) : nil
        defer {
            signals?.ignore()
            line.end()
        }
        geneFlow.apply(to: &options, limits, stop: stop, line: line)
        var decision: SharingDecision
        if choice == .on {
            let chain =
                SharedSolution.usesChain(problem)
                ? try? CheckedPlan.make(PlannerCatalog.planner(planner, budget: limits.budget), problem) { .zero } : nil
            let solution = try SharedSolution.best(
                problem, graph, layers: layers, by: shared.sharingPlanner, options: options, chain: chain
            ) {
                clock.now - start
            }
            try solution.check(mostNumbers: mostNumbers)
            decision = .shared(solution)
        } else {
            decision = try SharingDecision.auto(
                problem, graph, layers: layers, by: shared.sharingPlanner, options: options, mostNumbers: mostNumbers
            ) {
                clock.now - start
            } chain: { () throws(PlanningError) in
                try CheckedPlan.make(PlannerCatalog.planner(planner, budget: limits.budget), problem) {
                    clock.now - start
                }
            }
        }
        if let estimator = shared.estimator, let hardware = shared.hardware {
            decision = decision.noting(
                "times that flexpie went by", "the estimator \(estimator), trained for \(hardware)")
        }
        if stop.isRaised {
            decision = decision.noting("search", "interrupted: the best that was found by then")
            StandardError.say("interrupted: this is the best plan that was found by then")
        }
        let text: String
        switch decision {
        case .shared(let solution):
            if let svg { try FileText.write(try SharedPlanDrawing(solution).svg, to: svg) }
            text = SharedPlanReport(solution).text
        case .chain(let plan):
            if let svg {
                let reason =
                    "\(plan.inputs.last?.source ?? "nothing is shared"), and only shared plans are drawn here"
                guard svg != "-" else { throw PlanningError.limit("\(reason); leave --svg out") }
                // The plan is what was asked for, its drawing only goes with it.
                StandardError.say("\(svg) is not written: \(reason)")
            }
            text = PlanReport(plan, of: problem).text
        }
        if json {
            print(try JSON.encode(decision.plan, pretty: true))
        } else if svg != "-" {
            print(text, terminator: "")
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
