import Costs
import Planning

/// Every planner by the name that `lamella plan --planner` and `Plan.planner` give it, in one place.
public enum PlannerCatalog {
    public enum Name: String, CaseIterable, Sendable {
        case exact
        case baseProgram = "base-ilp"
        case odiwep
        case dime
        case freddi
        case cadi
        case jointDNNFast = "jointdnn-fast"
        case jointDNNSlow = "jointdnn-slow"
        case neurosurgeon
        case local
        case exhaustive

        /// What it is, in a line for `--help`.
        public var summary: String {
            switch self {
            case .exact: "any objective under any limits; proves its plan, or says the gap (default)"
            case .baseProgram: "least latency as an integer program on HiGHS; knows memory, pins and links"
            case .odiwep: "least latency with weights that load while a device waits"
            case .dime: "least latency over measured bundles of layers"
            case .freddi: "least energy of the edge devices, or least latency, with a frequency for each device"
            case .cadi: "least carbon or energy of a continuous service; published: two devices"
            case .jointDNNFast: "shortest path over single layers, every device at its highest frequency"
            case .jointDNNSlow: "the same, every device at its lowest frequency"
            case .neurosurgeon: "the best single cut between the source and one other device"
            case .local: "everything on the source's device"
            case .exhaustive: "every plan, for small problems; the judge of the others"
            }
        }
    }

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
        return switch name {
        case .exact: ExactChainPlanner(solver: engine)
        case .baseProgram: BaseProgramPlanner(solver: highs(budget))
        case .odiwep: SystemPlanner(ODIWeP(), solver: engine)
        case .dime: SystemPlanner(DIME(), solver: engine)
        case .freddi: SystemPlanner(FreDDI(), solver: engine)
        case .cadi: CADI(solver: engine)
        case .jointDNNFast: JointDNN(.fast, solver: engine)
        case .jointDNNSlow: JointDNN(.slow, solver: engine)
        case .neurosurgeon: Neurosurgeon()
        case .local: SystemPlanner(Local(), solver: engine)
        case .exhaustive: ExhaustiveChainPlanner()
        }
    }

    /// What solves chain programs for `exact` and for whatever asks many questions about one problem.
    public static func engine(_ budget: Budget = Budget()) -> any ChainProgramSolving { ChainBruteForce() }

    private static func highs(_ budget: Budget) -> HighsSolver {
        budget.timeS.map { HighsSolver(timeLimitS: $0) } ?? HighsSolver()
    }
}
