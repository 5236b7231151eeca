import ArgumentParser
import Costs
import Planning
import Solver

extension PlannerCatalog.Name: ExpressibleByArgument {}

/// How long a solve may take and how much it may keep.
struct BudgetOptions: ParsableArguments {
    /// A day.
    private static let longestTimeS = 86_400.0

    @Option(
        name: .customLong("time-limit"), parsing: .unconditional,
        help: ArgumentHelp(
            "Give the best plan so far with its gap after this time (--sharing: 2 s unless given, more with more than "
                + "4 devices).", valueName: "seconds"))
    var timeS: Double?

    @Option(
        name: .customLong("memory-limit"), parsing: .unconditional,
        help: ArgumentHelp("Bytes that the search may keep (--sharing: 128 MB unless given).", valueName: "bytes"))
    var memoryBytes: Int?

    var budget: PlannerCatalog.Budget { .init(timeS: timeS, memoryBytes: memoryBytes) }

    func validate() throws {
        if let timeS, !(timeS > 0 && timeS <= Self.longestTimeS) {
            throw ValidationError("--time-limit \(timeS): give seconds above zero, up to \(Int(Self.longestTimeS))")
        }
        if let memoryBytes, memoryBytes < 1 << 20 {
            throw ValidationError("--memory-limit \(memoryBytes): give at least 1048576 bytes")
        }
    }
}

/// A plan that was held against its problem before anybody sees it.
enum CheckedPlan {
    /// Longest that is looked for the reason why there is no plan.
    private static let reasonTimeS = 1.0

    /// - Parameter saysHowFar: look, where there is none, how far the limits are from what can be reached.
    static func make(
        _ planner: any Planner, _ problem: Problem, saysHowFar: Bool = true, clock: () -> Duration
    ) throws(PlanningError) -> Plan {
        let plan: Plan
        do {
            plan = try planner.plan(problem, clock: clock)
        } catch .infeasible(let sentence) where saysHowFar {
            let engine = PlannerCatalog.engine(.init(timeS: reasonTimeS))
            throw .infeasible(Infeasibility.unreachable(problem, solver: engine) ?? sentence)
        }
        let violations = Verifier.violations(of: plan, in: problem)
        guard let first = violations.first else { return plan }
        let words = violations.map(\.description).joined(separator: "; ")
        // A published system may not see all that is asked.
        if violations.allSatisfy({ $0.kind == .limit || $0.kind == .bundle }), plan.planner != ExactPlanner.name {
            throw .limit(
                "planner \(plan.planner): the plan of its own model breaks what is asked: \(words); use the planner "
                    + "exact")
        }
        throw .solver(
            "planner \(plan.planner): its plan does not hold (\(first.kind.rawValue)), this is a fault of Lamella: "
                + words)
    }
}
