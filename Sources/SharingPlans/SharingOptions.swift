import Costs
import Planning

/// What a planner may use besides graph and cluster.
public struct SharingOptions: Sendable {
    /// Time and memory, counted from the call on.
    public var budget: SharingBudget
    /// True when the time is up, whatever the budget says (nil: never): planners then answer with the best so far.
    public var isTimeUp: (@Sendable () -> Bool)?
    /// Solves linear programs of shares (nil: nobody does). Without one, or where it fails, `geneflow-lp` begins with
    /// shares by speed, and `unified` does without that start.
    public var solver: (any ShareSolving)?
    public var cores: CoreLoop
    /// Nil: `GeneFlow.Settings.usual`.
    public var geneFlow: GeneFlow.Settings?
    /// Called after each generation of `geneflow`.
    public var onGeneration: (@Sendable (GeneFlow.Progress) -> Void)?
    /// Times that `flexpie` goes by (nil: FLOP / speed and bytes / bandwidth). Plans are priced without them.
    public var timing: (any ShareTiming)?
    /// When the budget's time began (nil: it has not).
    private var begin: Duration?
    /// When the time is up, in seconds after that.
    private var endS = Double.infinity

    public init(
        budget: SharingBudget = .unlimited, isTimeUp: (@Sendable () -> Bool)? = nil,
        solver: (any ShareSolving)? = nil, cores: CoreLoop = .single, geneFlow: GeneFlow.Settings? = nil,
        timing: (any ShareTiming)? = nil
    ) {
        self.budget = budget
        self.isTimeUp = isTimeUp
        self.solver = solver
        self.cores = cores
        self.geneFlow = geneFlow
        self.timing = timing
    }

    /// Is it over, as `isTimeUp` says or the budget of options that were begun?
    public var timeIsUp: Bool { isTimeUp?() ?? false }

    /// The same with the budget's time running. That of options that were begun before goes on.
    public func started() -> SharingOptions {
        guard begin == nil else { return self }
        var started = self
        started.begin = budget.now()
        return started.ending(at: budget.timeS ?? .infinity)
    }

    /// Seconds since the budget's time began.
    var elapsedS: Double { begin.map { (budget.now() - $0).inSeconds } ?? 0 }

    /// Seconds that are left.
    var leftS: Double { endS - elapsedS }

    /// Would a search's tables of so many bytes be too large?
    func isTooMuch(_ byteCount: Int) -> Bool { budget.memoryBytes.map { byteCount > $0 } ?? false }

    /// The same, but the time is up after a part of the budget's.
    func until(_ part: Double) -> SharingOptions { ending(at: part * (budget.timeS ?? .infinity)) }

    /// The same, but the time is up so many seconds after it began.
    func ending(at timeS: Double) -> SharingOptions {
        guard let begin, timeS < .infinity else { return self }
        var other = self
        other.endS = min(endS, timeS)
        let end = begin + .seconds(max(0, timeS))
        other.isTimeUp = { [isTimeUp, now = budget.now] in isTimeUp?() ?? false || now() >= end }
        return other
    }
}

/// Solves linear programs.
public protocol ShareSolving: Sendable {
    /// A solution of least cost (nil: there is none, or none was found in time).
    ///
    /// - Parameter timeS: seconds that it may take at most; infinite where whoever solves it knows best.
    func least(of program: LinearProgram, within timeS: Double) throws(PlanningError) -> LinearProgram.Solution?

    /// What no solution undercuts (nil: not known in time; infinite: there is no solution).
    func bound(of program: LinearProgram, within timeS: Double) throws(PlanningError) -> Double?
}
