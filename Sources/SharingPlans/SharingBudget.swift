/// How long a planner may think, and how much it may keep. Past either it answers with the best plan so far.
public struct SharingBudget: Sendable {
    /// Seconds from the call on (nil: no limit). Kept to within a step: milliseconds, for large graphs tens of them.
    public var timeS: Double?
    /// Bytes of a search's tables (nil: no limit). The graph itself, and what a solver of linear programs keeps for as
    /// long as it runs, come on top.
    public var memoryBytes: Int?
    /// Time since some origin that does not matter.
    public var now: @Sendable () -> Duration

    public static let unlimited = SharingBudget { .zero }

    public init(timeS: Double? = nil, memoryBytes: Int? = nil, now: @escaping @Sendable () -> Duration) {
        self.timeS = timeS
        self.memoryBytes = memoryBytes
        self.now = now
    }

    /// What a command takes unless it is told: two seconds for up to four devices, half a second for each further one,
    /// less what a step may take beyond it, and 128 MB.
    public static func usual(deviceCount: Int, now: @escaping @Sendable () -> Duration) -> SharingBudget {
        SharingBudget(timeS: max(2, 0.5 * Double(deviceCount)) - longestStepS, memoryBytes: 128_000_000, now: now)
    }

    /// About what pricing a plan of the largest fixtures takes.
    private static let longestStepS = 0.2
}
