import Costs

/// A published chain planner: what it sees of a problem, before its own equations are solved.
public protocol ChainSystem: Sendable {
    /// As `lamella plan --planner` and `Plan.planner` name it.
    static var name: String { get }

    /// The problem that the system solves in place of the one asked.
    ///
    /// - Throws: where the system cannot express what is asked, in one sentence.
    func adapted(_ problem: Problem) throws(PlanningError) -> Problem
}

/// Plans by a published system: its own problem is solved, and the plan is priced for the problem that was asked.
public struct SystemPlanner<System: ChainSystem>: Planner {
    public static var name: String { System.name }

    public let system: System
    public let solver: any ChainProgramSolving

    public init(_ system: System, solver: any ChainProgramSolving) {
        self.system = system
        self.solver = solver
    }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let own = try system.adapted(problem)
        return try ChainProblemPlanner(name: System.name, solver: solver).plan(own, clock: clock)
            .repriced(from: own, for: problem)
    }
}

extension Plan {
    /// The same assignment and frequencies priced for another problem on the same layers and devices.
    ///
    /// What the planner itself made of its objective stays as `ownEstimate`, where the two objectives are the same and
    /// the figures differ. A bound of another problem proves nothing, and goes.
    public func repriced(from own: Problem, for problem: Problem) throws(PlanningError) -> Plan {
        guard own != problem else { return self }
        do {
            let table = try CostTable(problem)
            let schedule = schedule(in: problem, table: table)
            var priced = try Plan(
                schedule, planner: planner, bound: nil, solveS: solveS, problem: problem, table: table)
            if own.objective == problem.objective, let mine = value, let true_ = priced.value,
                abs(mine - true_) > 1e-9 * abs(true_)
            {
                priced.ownEstimate = mine
            }
            return priced
        } catch { throw .invalid(error) }
    }

    /// The plan's assignment and frequencies in a problem on the same layers and devices, bundled by its rule.
    public func schedule(in problem: Problem, table: CostTable) -> Schedule {
        var points = table.fastestPoints
        for share in devices {
            guard let device = problem.devices.firstIndex(where: { $0.id == share.id }) else { continue }
            points[device] =
                problem.devices[device].points.firstIndex { $0.frequencyHz == share.frequencyHz } ?? points[device]
        }
        let indices = Dictionary(uniqueKeysWithValues: problem.devices.enumerated().map { ($1.id, $0) })
        let path = layers.compactMap { indices[$0.device] }
        return BundledPath.schedule(path, points: points, problem: problem, table: table)
    }
}
