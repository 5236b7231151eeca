import Cluster

/// What a simulated run looks like. Everything that is not said here is drawn from the seed.
public struct SimulationSettings: Sendable {
    /// A rule that the simulator breaks on purpose, to prove that its checks can fail. For tests only.
    public enum BrokenRule: String, Sendable, CaseIterable {
        /// The runner runs any tensor of a plan that it has loaded, however old the plan is.
        case fenceIgnoresPlanIDs = "fence-ignores-plan-ids"
        /// The disk forgets the term number.
        case termNotPersisted = "term-not-persisted"
        /// The disk forgets everything.
        case nothingPersisted = "nothing-persisted"
        /// The front door hands every result to the client, without asking the ledger.
        case ledgerIsNotAsked = "ledger-is-not-asked"
        /// Requests whose plan was dropped are not run again.
        case requestsAreForgotten = "requests-are-forgotten"
        /// A leader never hears of another leadership.
        case leadersAreDeaf = "leaders-are-deaf"
    }

    /// Nil: drawn from the seed, 2 to 6.
    public var boards: Int?
    /// Faults happen within this time after the start; then everything is healed.
    public var faultTime: Duration = .seconds(10)
    /// After the healing the cluster must be whole again within this time.
    public var healTime: Duration = .seconds(40)
    public var faults = true
    /// Many requests, slow connections and no patience with old plans; nil: drawn from the seed.
    public var isBusy: Bool?
    public var requests = 30
    public var brokenRule: BrokenRule?
    /// Keep the lines of the trace; the hash is made of them too.
    public var keepsTrace = false
    public var cluster = SimulationSettings.fastCluster

    public init() {}

    /// The shipped settings, with the long waits cut so that a run stays short in virtual time too.
    public static var fastCluster: ClusterSettings {
        var settings = ClusterSettings()
        settings.plans.prepareTimeout = .seconds(3)
        settings.plans.solveTimeout = .seconds(2)
        settings.plans.drainTimeout = .seconds(2)
        settings.plans.backoffMaximum = .seconds(2)
        settings.plans.quarantine = .seconds(3)
        settings.policy.dwell = .seconds(1)
        settings.policy.switchWindow = .seconds(6)
        return settings
    }
}

/// What came of a run.
public struct SimulationReport: Sendable, Equatable {
    public struct Counts: Sendable, Equatable {
        public var steps = 0
        public var messages = 0
        public var leaderships = 0
        public var plansCommitted = 0
        public var crashes = 0
        public var restarts = 0
        public var partitions = 0
        public var brokerRestarts = 0
        public var runnerKills = 0
        public var requestsAccepted = 0
        public var requestsAnswered = 0
        public var requestsFailed = 0
        public var requestsRefused = 0
        public var tensorsRefused = 0
        public var swaps = 0
    }

    public var seed: UInt64
    public var boards: Int
    /// Broken promises, in the order in which they were noticed; empty: none.
    public var violations: [String]
    public var counts: Counts
    /// Virtual time at the end.
    public var endedAt: Duration
    /// Empty unless `keepsTrace`.
    public var trace: [String]
    /// FNV-1a over the lines of the trace; zero unless `keepsTrace`.
    public var traceHash: UInt64
}
