import Costs
import Planning

/// The planner `exact`: the least of the objective under every limit, with the bound proved.
struct ExactChainPlanner: Planner {
    static let name = ExactPlanner.name

    let solver: any ChainProgramSolving

    func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        if problem.isBaseProblem { return try ExactPlanner().plan(problem, clock: clock) }
        return try ChainProblemPlanner(name: Self.name, solver: solver).plan(problem, clock: clock)
    }
}

/// The planner `exhaustive`: every plan of a small problem.
struct ExhaustiveChainPlanner: Planner {
    static let name = ExhaustivePlanner.name

    func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        if problem.isBaseProblem { return try ExhaustivePlanner().plan(problem, clock: clock) }
        return try ChainProblemPlanner(name: Self.name, solver: ChainBruteForce()).plan(problem, clock: clock)
    }
}

/// The planner `base-ilp`: the base model of the dissertation's chapter 5 (equations 5.1 to 5.6) on HiGHS.
///
/// It knows latency, memory, pins and links. What else is asked for it does not see; limits it refuses.
struct BaseProgramPlanner: Planner {
    static let name = IntegerProgramPlanner.name

    let solver: HighsSolver

    func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        guard problem.constraints == Constraints(maximumBundleSize: problem.constraints.maximumBundleSize) else {
            throw .limit(
                "planner base-ilp: it knows memory, pins and links, and no limits or private layers; use the planner "
                    + "exact")
        }
        var own = problem
        own.objective = .latency
        own.service = .oneAtATime
        own.wantedThroughputPerS = nil
        own.constraints = Constraints()
        own.bundles = []
        if own.weights == .preloaded { own.weights = .everyInference }
        return try IntegerProgramPlanner(solver: solver).plan(own, clock: clock).repriced(from: own, for: problem)
    }
}

extension Problem {
    /// Is this the base model: least latency within memories, pins and links, and nothing else?
    var isBaseProblem: Bool {
        objective == .latency && service == .oneAtATime && weights != .preloaded && bundles.isEmpty
            && constraints == Constraints()
    }
}
