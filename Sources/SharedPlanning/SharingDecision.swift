import Costs
import ModelGraph
import Planning
import Sharing
import SharingPlans

/// Shared, or each layer on one device?
public enum SharingDecision: Sendable {
    case shared(SharedSolution)
    /// The plan says in its inputs why nothing is shared.
    case chain(Plan)

    public var plan: Plan {
        switch self {
        case .shared(let solution): solution.plan
        case .chain(let plan): plan
        }
    }

    /// The same with one more thing that the figures rest on.
    public func noting(_ figure: String, _ source: String) -> SharingDecision {
        let input = InputSource(figure: figure, source: source)
        switch self {
        case .shared(let solution): return .shared(solution.resting(on: input))
        case .chain(var plan):
            plan.inputs.append(input)
            return .chain(plan)
        }
    }

    /// What a shared plan must save to be taken: less is not worth the boards that must all be there for each request,
    /// and no more than predictions are off.
    public static let leastGain = 0.05

    /// Takes the shared plan where it is predicted to save ``leastGain`` of the objective, both priced in the same way,
    /// and more than one device computes.
    ///
    /// - Parameters:
    ///   - chain: makes the plan without sharing; asked first.
    ///   - mostNumbers: what the layouts of a plan may have, that is to be sent (nil: any).
    /// - Throws: what the chain planner throws, where there is no shared plan either.
    public static func auto(
        _ problem: Problem, _ graph: ModelGraph, layers: [GraphLayer], by system: SharingSystem,
        options: SharingOptions = SharingOptions(), mostNumbers: Int? = nil, clock: () -> Duration = { .zero },
        chain: () throws(PlanningError) -> Plan
    ) throws(PlanningError) -> SharingDecision {
        let start = clock()
        let alone: Result<Plan, PlanningError>
        do { alone = .success(try chain()) } catch { alone = .failure(error) }
        let solution: SharedSolution
        do {
            solution = try SharedSolution.best(
                problem, graph, layers: layers, by: system, options: options, chain: try? alone.get(), clock: clock)
            try solution.check(mostNumbers: mostNumbers)
        } catch {
            switch alone {
            case .success(let plan): return .chain(plan.noting("nothing is shared: \(error)", after: clock() - start))
            case .failure(let failure): throw failure.norShared(error)
            }
        }
        func text(_ value: Double) -> String { FigureText.value(value, of: problem.objective) }
        let sharedValue = solution.plan.value ?? .infinity
        let words = "\(text(sharedValue)) by \(system.rawValue)"
        guard case .success(let plan) = alone else { return .shared(solution.noting("\(words), no plan without")) }
        guard solution.activeDevices.count > 1 else {
            return .chain(
                plan.noting("nothing is shared: \(system.rawValue) found one device best", after: clock() - start))
        }
        let aloneValue =
            solution.problem.worth(of: plan, solution.graph, layers: layers)?.value ?? plan.value ?? .infinity
        let comparison = "\(words), \(text(aloneValue)) without"
        return sharedValue < (1 - leastGain) * aloneValue
            ? .shared(solution.noting(comparison))
            : .chain(plan.noting("nothing is shared: \(comparison)", after: clock() - start))
    }
}

extension SharedSolution {
    /// Numbers in the layouts of a plan that still fits into a message beside all else.
    public static let mostNumbersSent = 30_000

    /// Throws where the layouts are too many to be sent.
    public func check(mostNumbers: Int?) throws(PlanningError) {
        guard let mostNumbers, let layouts = plan.sharing?.layouts else { return }
        let count = layouts.joined().reduce(0) { $0 + ($1?.count ?? 1) }
        guard count <= mostNumbers else {
            throw .limit(
                "sharing operators: the layouts of \(graph.graph.operators.count) operators on "
                    + "\(problem.devices.count) devices are \(count) numbers; a message holds \(mostNumbers)")
        }
    }

    func noting(_ sentence: String) -> SharedSolution {
        resting(on: InputSource(figure: "sharing operators", source: sentence))
    }

    func resting(on input: InputSource) -> SharedSolution {
        var plan = plan
        plan.inputs.append(input)
        return with(plan)
    }

    /// The same, said in other words.
    func with(_ plan: Plan) -> SharedSolution {
        SharedSolution(problem: problem, graph: graph, layers: layers, found: found, plan: plan)
    }

    private init(problem: SharedProblem, graph: SharedGraph, layers: [GraphLayer], found: SharingPlan, plan: Plan) {
        self.problem = problem
        self.graph = graph
        self.layers = layers
        self.found = found
        self.plan = plan
    }
}

extension Plan {
    /// - Parameter took: what the whole decision took (nil: what the plan says).
    fileprivate func noting(_ sentence: String, after took: Duration? = nil) -> Plan {
        var plan = self
        if let took { plan.solveS = took.inSeconds }
        plan.inputs.append(InputSource(figure: "sharing operators", source: sentence))
        return plan
    }
}
