import Costs
import Planning
import TestKit
import Testing

@Suite struct PlannerComparisonTests {
    private static func comparison() throws -> PlannerComparison {
        let problem = HandMadeProblem.make()
        return PlannerComparison(
            problem,
            rows: [
                PlannerComparison.row("local") { () throws(PlanningError) in
                    try SystemPlanner(Local(), solver: ExactSolver.shared).plan(problem)
                },
                PlannerComparison.row("exact") { () throws(PlanningError) in try ExactPlanner().plan(problem) },
                PlannerComparison.row("again") { () throws(PlanningError) in try ExactPlanner().plan(problem) },
                PlannerComparison.row("cadi") { () throws(PlanningError) in
                    try CADI(solver: ExactSolver.shared).plan(problem)
                },
            ])
    }

    @Test func `the first of the best is marked, and who has no plan says why`() throws {
        let comparison = try Self.comparison()
        #expect(comparison.best == 1)
        let lines = comparison.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "hand-made: least latency")
        #expect(lines[2].contains("planner  latency"))
        #expect(!lines[2].contains("energy"), "nobody knows the energy")
        #expect(lines[4].hasPrefix("*  exact"))
        #expect(lines[6].contains("it knows the objectives carbon and energy, not latency"))
        #expect(comparison.text.hasSuffix("* the best: exact\n"))
    }

    @Test func `fields with commas and quotes are quoted`() throws {
        let problem = HandMadeProblem.make()
        let comparison = PlannerComparison(
            problem,
            rows: [
                PlannerComparison.row("x") { () throws(PlanningError) in throw .limit("no, \"never\"") }
            ])
        let lines = comparison.csv.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines[1] == "x,0,latency" + String(repeating: ",", count: 16) + "\"no, \"\"never\"\"\"")
        #expect(comparison.best == nil)
    }

    @Test func `the table and its titles have as many columns`() throws {
        let lines = try Self.comparison().csv.split(separator: "\r\n")
        let titles = lines[0].split(separator: ",", omittingEmptySubsequences: false)
        for line in lines.dropFirst().dropLast() {
            #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == titles.count)
        }
    }
}
