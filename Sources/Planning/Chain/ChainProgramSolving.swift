/// Solves chain programs: label setting, an integer program, or brute force.
public protocol ChainProgramSolving: Sendable {
    /// - Throws: `PlanningError.solver` where what it needs is missing or fails.
    func outcome(of program: ChainProgram) throws(PlanningError) -> ChainOutcome
}

extension ChainBruteForce: ChainProgramSolving {
    public func outcome(of program: ChainProgram) throws(PlanningError) -> ChainOutcome { solve(program) }
}

extension ChainSolver: ChainProgramSolving {
    public func outcome(of program: ChainProgram) throws(PlanningError) -> ChainOutcome { solve(program) }
}
