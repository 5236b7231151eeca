import Costs
import Planning

/// Plans by the integer program on HiGHS: slower than `ExactPlanner`, and written apart from it, so that the two judge
/// each other.
public struct IntegerProgramPlanner: Planner {
    public static let name = "base-ilp"

    /// Rows that may be added where the solver's tolerance let an overfull device through.
    static let maximumRepairs = 100

    public var solver: HighsSolver

    public init(solver: HighsSolver = HighsSolver()) { self.solver = solver }

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        var program = BaseIntegerProgram(table)
        for _ in 0...Self.maximumRepairs {
            let solution: LinearProgram.Solution
            switch try solver.solve(program.program) {
            case .optimal(let found), .stopped(let found): solution = found
            case .infeasible: throw .infeasible(Infeasibility.sentence(problem, table: table))
            case .nothingFound:
                throw .limit(
                    "planner base-ilp: nothing found in \(solver.timeLimitS) s; use the planner exact")
            }
            let path = program.path(of: solution)
            if let overfull = Self.overfull(path, table: table) {
                program = program.forbidding(overfull.layers, on: overfull.device)
                continue
            }
            let solveS = (clock() - start).inSeconds
            do {
                return try Plan(
                    path: path, planner: Self.name, boundS: solution.bound * program.secondsPerUnit, solveS: solveS,
                    problem: problem, table: table)
            } catch { throw .invalid(error) }
        }
        throw .solver("planner base-ilp: the solver's tolerance keeps letting overfull devices through; use exact")
    }

    /// The first device that the path overfills, and its layers. Rounding can do that to a solution at the edge.
    private static func overfull(_ path: [Int], table: CostTable) -> (device: Int, layers: [Int])? {
        let bytes = MemoryUse.bytes(path, table: table)
        guard let device = bytes.indices.first(where: { bytes[$0] > table.memoryBytes[$0] }) else { return nil }
        return (device, path.indices.filter { path[$0] == device })
    }
}
