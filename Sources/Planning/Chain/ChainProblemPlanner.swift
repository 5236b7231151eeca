import Costs

/// Plans any problem through its `ChainProgram`: builds it, has it solved, and prices what comes out by the evaluator.
public struct ChainProblemPlanner: Sendable {
    public var name: String
    public var solver: any ChainProgramSolving

    public init(name: String, solver: any ChainProgramSolving) {
        self.name = name
        self.solver = solver
    }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let built = try ProblemProgram(problem, table: table)
        let schedule: Schedule
        let bound: Double
        switch try solver.outcome(of: built.program) {
        case .found(let chain, let proved):
            schedule = built.schedule(chain)
            bound = proved
        case .infeasible: throw .infeasible(Infeasibility.sentence(problem, built: built))
        case .unknown:
            throw .limit(
                "\(problem.model): planner \(name) found no plan that keeps the limits, and excluded none, within its "
                    + "budget; give it more time or loosen a limit")
        }
        let solveS = (clock() - start).inSeconds
        let plan: Plan
        do {
            plan = try Plan(
                schedule, planner: name, bound: bound, solveS: solveS, problem: problem, table: table)
            // A limit on the objective itself is no quantity of the program.
            let prediction = try Evaluator.price(schedule, of: problem, table: table)
            if let limit = Limits.broken(by: prediction, path: schedule.path, problem: problem) {
                throw PlanningError.infeasible(
                    "\(problem.model): the least \(problem.objective.rawValue) is \(plan.value ?? .nan) "
                        + "\(problem.objective.unit), which is over the limit \(limit); loosen it")
            }
        } catch let error as PlanningError {
            throw error
        } catch let error as ProblemError {
            throw .invalid(error)
        } catch {
            throw .solver("planner \(name): \(error)")
        }
        return plan
    }
}
