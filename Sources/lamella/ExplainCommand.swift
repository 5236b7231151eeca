import ArgumentParser
import Board
import Costs
import JSON
import Planning
import Solver

/// `lamella explain`: why a plan and not the next best, and what would change it.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a plan is as it is: what else there is, which limits bind, what would change it.",
        discussion: """
            With --problem the argument is a plan, as `lamella plan --json` printed it for that problem and the same \
            options. With --cluster it is a model, which is planned first. It is about plans where each layer runs on \
            one device, as of lamella plan --sharing off.

            The next best plan is the best one that gives at least one layer to another device. A limit binds if the \
            plan would be better without it. For each bandwidth, speed and memory, and for each grid intensity where \
            carbon counts, the value is looked for at which another plan becomes the best, with all other figures as \
            they are.

            EXAMPLES
              lamella explain alexnet.onnx --cluster c1.toml --objective energy --max-latency 0.5
              lamella explain plan.json --problem problem.json
            """)

    @Argument(help: "A plan as JSON with --problem; a model, an ONNX file, with --cluster.")
    var subject: String

    @OptionGroup var asked: ProblemOptions
    @OptionGroup var limits: BudgetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard asked.problem != nil || asked.cluster != nil else {
            throw ValidationError("give --problem PROBLEM.json with a plan, or --cluster FILE.toml with a model")
        }
        try asked.requireSource(model: asked.problem == nil ? subject : nil)
        guard asked.problem != "-" || subject != "-" else {
            throw ValidationError("the plan and the problem cannot both come from standard input")
        }
    }

    func run() throws {
        try PlanningFailure.reported(by: "explain") {
            let problem = try asked.read(model: asked.problem == nil ? subject : nil)
            let plan: Plan
            if asked.problem == nil {
                plan = try CheckedPlan.make(PlannerCatalog.planner(.exact, budget: limits.budget), problem) { .zero }
            } else {
                plan = try readPlan(for: problem)
            }
            let progress = ProgressLine()
            let explanation = try Explanation(
                plan, of: problem, solver: PlannerCatalog.engine(limits.budget)
            ) { progress.show($0) }
            progress.end()
            print(
                json ? try JSON.encode(explanation, pretty: true) : ExplanationReport(explanation).text,
                terminator: json ? "\n" : "")
        }
    }

    private func readPlan(for problem: Problem) throws -> Plan {
        let place = subject == "-" ? "standard input" : subject
        let bytes = try FileBytes.read(
            subject == "-" ? "/dev/stdin" : subject, maximumBytes: ProblemOptions.maximumProblemBytes)
        let plan: Plan
        do {
            plan = try JSON.decode(Plan.self, from: bytes, limits: .document)
        } catch {
            throw ProblemError("\(place): \(error); give a plan as `lamella plan --json` prints it")
        }
        if let violation = Verifier.violations(of: plan, in: problem).first {
            throw ProblemError(
                "\(place): the plan is not one for this problem: \(violation); give the problem and options that it "
                    + "was made for")
        }
        return plan
    }
}
