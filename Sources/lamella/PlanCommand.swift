import ArgumentParser
import Board
import Costs
import Glibc
import JSON
import ModelGraph
import ONNXImport
import Planning
import Solver

/// `lamella plan`: a problem in, a plan out. The daemon starts this same command for its own plans.
struct PlanCommand: ParsableCommand {
    /// Exit code where no plan exists, apart from that for a bad argument, file or solver.
    static let infeasibleExitCode: Int32 = 3
    /// A problem is a list of layers, devices and links; anything larger is not one.
    static let maximumProblemBytes = JSONLimits.document.maximumBytes

    enum PlannerName: String, ExpressibleByArgument, CaseIterable {
        case exact
        case integerProgram = "base-ilp"
        case exhaustive

        var planner: any Planner {
            switch self {
            case .exact: ExactPlanner()
            case .integerProgram: IntegerProgramPlanner()
            case .exhaustive: ExhaustivePlanner()
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Decide offline which device of a cluster runs which layers of a model.",
        discussion: """
            EXAMPLES
              lamella plan alexnet.onnx --cluster c1.toml
              lamella plan alexnet.onnx --cluster c1.toml --granularity operator --json
              lamella plan alexnet.onnx --cluster c1.toml --planner base-ilp
              lamella plan --problem problem.json --json
              lamella plan --problem - --json < problem.json

            PLANNERS
              exact       shortest path, or label setting where memory binds; proves its plan (default)
              base-ilp    the same model as an integer program on HiGHS
              exhaustive  every assignment, for small problems

            EXIT STATUS
              0 a plan was printed; 3 no plan exists (standard error says what stops it); other: an error.
            """)

    @Argument(help: "The model, an ONNX file. Its weights need not be there.")
    var model: String?

    @Option(help: ArgumentHelp("The devices, links and application, a TOML file.", valueName: "file"))
    var cluster: String?

    @Option(
        help: ArgumentHelp(
            "A whole problem as JSON instead of a model and a cluster file; - is standard input.", valueName: "file"))
    var problem: String?

    @Option(help: "What shall be least; latency where neither this nor the problem says.")
    var objective: Objective?

    @Option(help: "Who plans.")
    var planner: PlannerName = .exact

    @Option(help: "How finely the model may be cut; layer: before each convolution and linear operator.")
    var granularity: LayerGranularity = .layer

    @Option(
        name: .customLong("time-limit"),
        help: ArgumentHelp("Give the best plan so far with its gap after this time.", valueName: "seconds"))
    var timeS: Double?

    @Option(
        name: .customLong("memory-limit"),
        help: ArgumentHelp("Bytes that the search may keep.", valueName: "bytes"))
    var memoryBytes: Int?

    @Flag(help: "Print the plan as JSON.")
    var json = false

    func validate() throws {
        if let timeS, !(timeS > 0 && timeS.isFinite) {
            throw ValidationError("--time-limit \(timeS): give seconds above zero")
        }
        if let memoryBytes, memoryBytes < 1 << 20 {
            throw ValidationError("--memory-limit \(memoryBytes): give at least 1048576 bytes")
        }
        if problem != nil {
            guard model == nil, cluster == nil else {
                throw ValidationError("--problem takes the place of the model and of --cluster; give one or the other")
            }
        } else {
            guard model != nil else { throw ValidationError("which model? Give an ONNX file, or --problem") }
            guard cluster != nil else { throw ValidationError("which devices? Give --cluster FILE.toml") }
        }
    }

    func run() throws {
        do {
            var asked = try readProblem()
            if let objective { asked.objective = objective }
            let clock = ContinuousClock()
            let start = clock.now
            let plan: Plan
            if planner == .exact, timeS != nil || memoryBytes != nil {
                plan = try ChainProblemPlanner(
                    name: ExactPlanner.name, solver: BudgetedChainSolver(timeS: timeS, memoryBytes: memoryBytes)
                ).plan(asked) { clock.now - start }
            } else {
                plan = try planner.planner.plan(asked) { clock.now - start }
            }
            let violations = Verifier.violations(of: plan, in: asked)
            guard violations.isEmpty else {
                throw PlanningError.solver(
                    "planner \(plan.planner): its plan does not hold, this is a fault of Lamella: "
                        + violations.map(\.description).joined(separator: "; "))
            }
            print(
                json ? try JSON.encode(plan, pretty: true) : PlanReport(plan, of: asked).text,
                terminator: json ? "\n" : "")
        } catch PlanningError.infeasible(let sentence) {
            Self.complain(sentence)
            throw ExitCode(Self.infeasibleExitCode)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Self.complain("\(error)")
            throw ExitCode.failure
        }
    }

    private func readProblem() throws -> Problem {
        if let problem {
            let place = problem == "-" ? "standard input" : problem
            let bytes = try FileBytes.read(
                problem == "-" ? "/dev/stdin" : problem, maximumBytes: Self.maximumProblemBytes)
            do {
                return try JSON.decode(Problem.self, from: bytes, limits: .document)
            } catch {
                throw ProblemError("\(place): \(error)")
            }
        }
        guard let model, let cluster else { throw ProblemError("give a model and a cluster file, or --problem") }
        let file = try ClusterFile.load(cluster)
        let graph = try ImportedModel.load(path: model).graph
        do {
            return try Problem(
                model: model, graphLayers: graph.layers(granularity),
                inputBytes: graph.inputs.reduce(0) { $0 + (graph.tensors[$1]?.byteCount ?? 0) }, cluster: file,
                clusterName: cluster)
        } catch {
            throw ProblemError("\(model) on \(cluster): \(error)")
        }
    }

    private static func complain(_ sentence: String) {
        let line = Array("lamella plan: \(sentence)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
