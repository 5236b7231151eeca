import Costs

/// Neurosurgeon: one cut between the source's device and one other, at the fastest clocks (Kang et al.: "Neurosurgeon:
/// collaborative intelligence between the cloud and mobile edge", ASPLOS 2017).
///
/// Looks at every cut and every other device and keeps the best that the evaluator finds within memories and limits.
public struct Neurosurgeon: Planner {
    public static let name = "neurosurgeon"

    public init() {}

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        do {
            let table = try CostTable(problem)
            guard let source = problem.devices.firstIndex(where: { $0.id == problem.source }) else {
                throw PlanningError.infeasible("\(problem.model): the source is not among the devices")
            }
            var best: (schedule: Schedule, value: Double)?
            for other in 0..<table.deviceCount {
                for path in OneCut.paths(before: source, after: other, table: table) {
                    let schedule = BundledPath.schedule(
                        path, points: table.fastestPoints, problem: problem, table: table)
                    guard let prediction = try? Evaluator.price(schedule, of: problem, table: table),
                        let value = prediction.value(problem.objective), value < best?.value ?? .infinity,
                        Limits.broken(by: prediction, path: path, problem: problem) == nil
                    else { continue }
                    best = (schedule, value)
                }
            }
            guard let best else {
                throw PlanningError.infeasible(
                    "\(problem.model): no single cut between \(problem.source) and one other device keeps the memories "
                        + "and limits; use the planner exact")
            }
            return try Plan(
                best.schedule, planner: Self.name, bound: nil, solveS: (clock() - start).inSeconds, problem: problem,
                table: table)
        } catch let error as PlanningError {
            throw error
        } catch let error as ProblemError {
            throw .invalid(error)
        } catch {
            throw .solver("planner neurosurgeon: \(error)")
        }
    }
}
