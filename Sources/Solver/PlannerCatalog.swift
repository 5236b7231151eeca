import Costs
import Planning

/// Every planner by the name that `lamella plan --planner` and `Plan.planner` give it, in one place.
public enum PlannerCatalog {
    public typealias Name = PlannerName

    /// What a solve may use.
    public struct Budget: Sendable, Equatable {
        /// Nil: as long as it takes; for HiGHS its usual limit.
        public var timeS: Double?
        /// Bytes of what a search keeps (nil: the planner's usual limit).
        public var memoryBytes: Int?

        public init(timeS: Double? = nil, memoryBytes: Int? = nil) {
            self.timeS = timeS
            self.memoryBytes = memoryBytes
        }
    }

    public static func planner(_ name: Name, budget: Budget = Budget()) -> any Planner {
        let engine = engine(budget)
        let highs = budget.timeS.map { ChainIntegerSolver(timeLimitS: $0) } ?? ChainIntegerSolver()
        return switch name {
        case .exact: ExactPlanner(solver: engine)
        case .baseProgram: SystemPlanner(BaseProgram(), solver: highs)
        case .odiwep: SystemPlanner(ODIWeP(), solver: highs)
        case .dime: SystemPlanner(DIME(), solver: highs)
        case .freddi: SystemPlanner(FreDDI(), solver: highs)
        case .cadi: CADI(solver: engine)
        case .jointDNNFast: JointDNN(.fast, solver: engine)
        case .jointDNNSlow: JointDNN(.slow, solver: engine)
        case .neurosurgeon: Neurosurgeon()
        case .local: SystemPlanner(Local(), solver: engine)
        case .exhaustive: ExhaustiveChainPlanner()
        }
    }

    /// What solves chain programs for `exact`, and for whatever asks many questions about one problem.
    public static func engine(_ budget: Budget = Budget()) -> any ChainProgramSolving {
        BudgetedChainSolver(timeS: budget.timeS, memoryBytes: budget.memoryBytes)
    }
}
