import Costs
import Planning
import Solver
import TestKit
import Testing

@Suite struct HighsSolverTests {
    @Test func `a small program gives the optimum worked out by hand`() throws {
        // Items of value 8, 11, 6 and 4, of size 5, 7, 4 and 3, in a sack of 14: the last three, 21.
        var program = LinearProgram()
        for value in [8.0, 11, 6, 4] { program.addColumn("item", cost: -value, isInteger: true) }
        program.addRow("size", upper: 14, [(0, 5), (1, 7), (2, 4), (3, 3)])
        guard case .optimal(let solution) = try HighsSolver().solve(program) else {
            Issue.record("not solved to the optimum")
            return
        }
        #expect(solution.values.map { $0.rounded() } == [0, 1, 1, 1])
        #expect(abs(solution.objective + 21) < 1e-9)
        #expect(abs(solution.bound + 21) < 1e-9)
    }

    @Test func `a program without integer columns is its own bound`() throws {
        var program = LinearProgram()
        program.addColumn("a", cost: -1, upper: 4)
        program.addColumn("b", cost: -1, upper: 4)
        program.addRow("sum", upper: 5, [(0, 2), (1, 1)])
        guard case .optimal(let solution) = try HighsSolver().solve(program) else {
            Issue.record("not solved to the optimum")
            return
        }
        #expect(abs(solution.objective + 4.5) < 1e-9)
        #expect(solution.bound == solution.objective)
    }

    @Test func `contradicting rows are infeasible`() throws {
        var program = LinearProgram()
        program.addColumn("a", isInteger: true)
        program.addRow("above", lower: 0.2, upper: 0.8, [(0, 1)])
        #expect(try HighsSolver().solve(program) == .infeasible)
    }
}

@Suite struct BaseIntegerProgramTests {
    @Test func `without memory limits the relaxation of the flow form is already integral`() throws {
        let problem = RandomProblem(layers: 12, devices: 4, memory: .loose).make(seed: 5)
        var relaxed = LinearProgram()
        let model = try BaseIntegerProgram(problem)
        for column in model.program.columns {
            relaxed.addColumn(column.name, cost: column.cost, lower: column.lower, upper: column.upper)
        }
        for row in model.program.rows {
            relaxed.addRow(row.name, lower: row.lower, upper: row.upper, row.terms.map { ($0.column, $0.coefficient) })
        }
        guard case .optimal(let solution) = try HighsSolver().solve(relaxed) else {
            Issue.record("not solved to the optimum")
            return
        }
        let exact = try ExactPlanner().plan(problem)
        #expect(abs(solution.objective * model.secondsPerUnit - exact.latencyS) <= 1e-9 * exact.latencyS)
    }

    @Test func `a row that forbids layers on a device takes the optimum away`() throws {
        let problem = RandomProblem(layers: 6, devices: 3, memory: .loose, withConstraints: false).make(seed: 11)
        let model = try BaseIntegerProgram(problem)
        guard case .optimal(let first) = try HighsSolver().solve(model.program) else {
            Issue.record("not solved to the optimum")
            return
        }
        let path = model.path(of: first)
        let owner = path[3]
        let layers = path.indices.filter { path[$0] == owner }
        guard case .optimal(let second) = try HighsSolver().solve(model.forbidding(layers, on: owner).program) else {
            Issue.record("not solved to the optimum")
            return
        }
        #expect(model.path(of: second) != path)
        #expect(second.objective > first.objective)
    }
}
