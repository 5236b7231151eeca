import Costs
import Planning

/// The exact engine within a time and a memory, for whoever solves chain programs.
///
/// When a budget ends, the best schedule so far is given with the bound of all others.
public struct BudgetedChainSolver: ChainProgramSolving {
    /// For each solve (nil: the engine's own limit of work, some seconds).
    public var timeS: Double?
    /// Bytes that the labels of one search may take (nil: the engine's own limit).
    public var memoryBytes: Int?

    public init(timeS: Double? = nil, memoryBytes: Int? = nil) {
        self.timeS = timeS
        self.memoryBytes = memoryBytes
    }

    public func outcome(of program: ChainProgram) throws(PlanningError) -> ChainOutcome {
        var budget = ChainSolver.Budget()
        if let memoryBytes { budget.maximumLabelBytes = memoryBytes }
        if let timeS {
            // The time decides, not the work.
            budget.maximumWork = .max / 4
            let end = ContinuousClock.now + .seconds(timeS)
            budget.shouldStop = { ContinuousClock.now >= end }
        }
        return ChainSolver().solve(program, budget: budget)
    }
}
