import Costs

/// What the plans of a model are made for: what shall be least, within which limits, for which service.
public struct PlanGoal: Sendable, Codable, Equatable {
    public var objective: Objective
    public var service: Service
    public var constraints: Constraints
    /// Layers that have their device already (nil: none).
    public var pins: [LayerPin]?
    /// Devices that have their clock already (nil: none).
    public var clocks: [ClockPin]?
    /// May boards share operators? (nil: they do not)
    public var sharing: SharingChoice?

    public init(
        objective: Objective = .latency, service: Service = .oneAtATime, constraints: Constraints = Constraints(),
        pins: [LayerPin]? = nil, clocks: [ClockPin]? = nil, sharing: SharingChoice? = nil
    ) {
        self.objective = objective
        self.service = service
        self.constraints = constraints
        self.pins = pins
        self.clocks = clocks
        self.sharing = sharing
    }

    /// Does a change of a grid's intensity matter?
    public var countsCarbon: Bool { objective == .carbon || constraints.maximumCarbonG != nil }
}

/// How a leader plans, where nobody asked for something else.
public struct PlanningSettings: Sendable, Equatable {
    public var goal: PlanGoal
    /// Part of the incumbent's value that a new plan must save.
    public var margin: Double
    /// Change of a zone's intensity, relative to the old figure, that is worth a solve.
    public var carbonMargin: Double
    /// A solve that takes longer is cancelled and counts as failed.
    public var solveTimeout: Duration
    /// A plan stays at least this long, unless it cannot run any more or somebody asks.
    public var dwell: Duration
    /// Changes of plan, for reasons that can wait, within any `switchWindow`.
    public var switchesPerWindow: Int
    public var switchWindow: Duration

    public init(
        goal: PlanGoal = PlanGoal(), margin: Double = 0.05, carbonMargin: Double = 0.1,
        solveTimeout: Duration = .seconds(30), dwell: Duration = .seconds(5), switchesPerWindow: Int = 2,
        switchWindow: Duration = .seconds(60)
    ) {
        self.goal = goal
        self.margin = margin
        self.carbonMargin = carbonMargin
        self.solveTimeout = solveTimeout
        self.dwell = dwell
        self.switchesPerWindow = switchesPerWindow
        self.switchWindow = switchWindow
    }
}
