import Costs

/// CADI: carbon of a continuous service, one stage for each device (dissertation, equations 9.1 to 9.5).
///
/// `published`: two devices, the source's and one other, one cut and a frequency each; carbon or energy over a period
/// is made minimal, although it can fall by doing fewer inferences: per inference such a plan emits up to several times
/// more. Every cut and pair of frequencies is looked at. `sound`: for each inference, with the throughput floor that
/// the problem gives, any number of devices; that is what the planner exact does.
public struct CADI: Planner {
    public static let name = "cadi"

    public let solver: any ChainProgramSolving

    public init(solver: any ChainProgramSolving) { self.solver = solver }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        guard problem.objective == .carbon || problem.objective == .energy else {
            throw .limit(
                "planner cadi: it knows the objectives carbon and energy, not \(problem.objective.rawValue); "
                    + "use the planner exact")
        }
        var own = problem
        own.service = .continuous
        if own.weights == .preloaded { own.weights = .resident }
        if problem.costModel == .sound {
            return try ChainProblemPlanner(name: Self.name, solver: solver).plan(own, clock: clock)
                .repriced(from: own, for: problem)
        }
        own.wantedThroughputPerS = nil
        return try twoDevices(own, clock: clock).repriced(from: own, for: problem)
    }

    /// Enumerates cuts and frequencies; the objective is the figure of an inference divided by the cycle: its rate.
    private func twoDevices(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        do {
            let table = try CostTable(problem)
            let source = problem.devices.firstIndex { $0.id == problem.source } ?? 0
            var best: (schedule: Schedule, rate: Double)?
            for other in 0..<table.deviceCount where other != source || table.deviceCount == 1 {
                for path in OneCut.paths(before: source, after: other, table: table) {
                    for first in table.points[source].indices {
                        for second in table.points[other].indices {
                            var points = table.fastestPoints
                            points[other] = second
                            points[source] = first
                            let schedule = BundledPath.schedule(path, points: points, problem: problem, table: table)
                            guard let prediction = try? Evaluator.price(schedule, of: problem, table: table),
                                let value = prediction.value(problem.objective), prediction.cycleS > 0,
                                Limits.broken(by: prediction, path: path, problem: problem) == nil
                            else { continue }
                            let rate = value / prediction.cycleS
                            if rate < best?.rate ?? .infinity { best = (schedule, rate) }
                        }
                    }
                }
            }
            guard let best else {
                throw PlanningError.infeasible(
                    "\(problem.model): no cut between \(problem.source) and one other device keeps the memories and "
                        + "limits; use the planner exact")
            }
            return try Plan(
                best.schedule, planner: Self.name, bound: nil, solveS: (clock() - start).inSeconds, problem: problem,
                table: table)
        } catch let error as PlanningError {
            throw error
        } catch let error as ProblemError {
            throw .invalid(error)
        } catch {
            throw .solver("planner cadi: \(error)")
        }
    }
}
