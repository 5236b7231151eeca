import ArgumentParser
import Costs
import Planning
import Solver

extension PlannerCatalog.Name: ExpressibleByArgument {}

/// How long a solve may take and how much it may keep.
struct BudgetOptions: ParsableArguments {
    @Option(
        name: .customLong("time-limit"),
        help: ArgumentHelp("Give the best plan so far with its gap after this time.", valueName: "seconds"))
    var timeS: Double?

    @Option(
        name: .customLong("memory-limit"),
        help: ArgumentHelp("Bytes that the search may keep.", valueName: "bytes"))
    var memoryBytes: Int?

    var budget: PlannerCatalog.Budget { .init(timeS: timeS, memoryBytes: memoryBytes) }

    func validate() throws {
        if let timeS, !(timeS > 0 && timeS.isFinite) {
            throw ValidationError("--time-limit \(timeS): give seconds above zero")
        }
        if let memoryBytes, memoryBytes < 1 << 20 {
            throw ValidationError("--memory-limit \(memoryBytes): give at least 1048576 bytes")
        }
    }
}

/// A plan that was held against its problem before anybody sees it.
enum CheckedPlan {
    static func make(
        _ planner: any Planner, _ problem: Problem, clock: () -> Duration
    ) throws(PlanningError) -> Plan {
        let plan = try planner.plan(problem, clock: clock)
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
