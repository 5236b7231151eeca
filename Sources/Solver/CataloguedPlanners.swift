import Costs
import Planning

/// The planner `exhaustive`: every plan of a small problem.
struct ExhaustiveChainPlanner: Planner {
    static let name = "exhaustive"

    func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        do {
            return try ChainProblemPlanner(name: Self.name, solver: ChainBruteForce()).plan(problem, clock: clock)
        } catch .limit {
            throw .limit(
                "\(problem.model): planner exhaustive: the problem has more than "
                    + "\(Int(ChainBruteForce.maximumWayCount)) ways through its layers and frequencies; use the "
                    + "planner exact")
        }
    }
}

/// The base model of the dissertation's chapter 5 (equations 5.1 to 5.6): least latency, every device at its fastest,
/// weights read for each inference. Memory, pins, links and what is asked as a limit it keeps.
struct BaseProgram: ChainSystem {
    static let name = "base-ilp"

    func adapted(_ problem: Problem) throws(PlanningError) -> Problem {
        var own = problem
        own.objective = .latency
        own.service = .oneAtATime
        own.wantedThroughputPerS = nil
        own.bundles = []
        if own.weights == .preloaded { own.weights = .everyInference }
        return own
    }
}
