/// Times and margins of the control plane. The defaults are made for boards on one local network: a leader killed
/// without notice is replaced in about two seconds, sooner with its last will.
public struct ClusterSettings: Sendable {
    public var membership = MembershipSettings()
    public var election = ElectionSettings()
    public var plans = PlanSettings()
    public var policy = ReplanPolicy()
    /// What plans are made for where nobody asked for something else.
    public var goal = PlanGoal()

    public init() {}
}

/// Failure detection (SWIM with the suspicion sub-protocol and parts of Lifeguard).
public struct MembershipSettings: Hashable, Sendable {
    /// One member is probed each period (SWIM, section 3.1).
    public var probePeriod: Duration = .milliseconds(300) { didSet { precondition(probePeriod > .zero) } }
    /// Wait for the direct answer before others are asked to probe.
    public var directTimeout: Duration = .milliseconds(120) { didSet { precondition(directTimeout > .zero) } }
    /// Members asked to probe when the direct answer stays away.
    public var indirectProbes = 3 { didSet { precondition(indirectProbes >= 0) } }
    /// A suspect that nobody else suspects is dead after the maximum; confirmations shorten this to the minimum
    /// (Dadgar, Phillips, Currey: "Lifeguard", 2018, section IV-B). The minimum is more than a second, as a promise is
    /// kept on disk before anything else is said, and a memory card now and then takes that long.
    public var suspicionMinimum: Duration = .milliseconds(1500) { didSet { precondition(suspicionMinimum > .zero) } }
    public var suspicionMaximum: Duration = .milliseconds(1600) {
        didSet { precondition(suspicionMaximum >= suspicionMinimum) }
    }
    /// Independent suspicions that shorten the timeout to its minimum.
    public var suspicionConfirmations = 2 { didSet { precondition(suspicionConfirmations >= 0) } }
    /// A node whose last will was heard is dead after this time unless it refutes.
    public var lastWillTimeout: Duration = .milliseconds(400) { didSet { precondition(lastWillTimeout > .zero) } }
    /// Rumours that still spread are sent to `gossipFanout` members at this period.
    public var gossipPeriod: Duration = .milliseconds(100) { didSet { precondition(gossipPeriod > .zero) } }
    public var gossipFanout = 3 { didSet { precondition(gossipFanout > 0) } }
    /// A rumour is sent this many times the binary logarithm of the cluster's size (SWIM, section 4.1).
    public var rumourMultiplier = 3 { didSet { precondition(rumourMultiplier > 0) } }
    /// A digest goes to one random member at this period, so that lost rumours are made good.
    public var digestPeriod: Duration = .seconds(3) { didSet { precondition(digestPeriod > .zero) } }
    /// One dead member is probed at this period, so that the sides of a partition find each other again.
    public var reconnectPeriod: Duration = .seconds(1) { didSet { precondition(reconnectPeriod > .zero) } }
    /// A node that was only heard of is pinged this many times.
    public var strangerPings = 60 { didSet { precondition(strangerPings > 0) } }
    /// A dead member is forgotten after this time.
    public var forgetAfter: Duration = .seconds(24 * 3600) { didSet { precondition(forgetAfter > .zero) } }
    /// After our own reconnection nobody is suspected for this time: peers may still be reconnecting.
    public var reconnectGrace: Duration = .seconds(2) { didSet { precondition(reconnectGrace >= .zero) } }
    /// When our own loop is this late, our ear was deaf and all deadlines move by the delay.
    public var stallThreshold: Duration = .milliseconds(250) { didSet { precondition(stallThreshold > .zero) } }
    /// Upper bound of the local health score, by which probe times are stretched (Lifeguard, section IV-A).
    public var localHealthMaximum = 4 { didSet { precondition(localHealthMaximum >= 0) } }

    public init() {}
}

/// Leader election.
public struct ElectionSettings: Hashable, Sendable {
    /// A node that has just connected listens this long for a leader before it may lead.
    public var bootPatience: Duration = .milliseconds(1000) { didSet { precondition(bootPatience >= .zero) } }
    /// The highest-ranked node waits this long after the leader is gone.
    public var vacancyDelay: Duration = .milliseconds(100) { didSet { precondition(vacancyDelay >= .zero) } }

    public init() {}
}

/// Plan agreement.
public struct PlanSettings: Hashable, Sendable {
    /// A new leader waits this long for the members' reports of what they run.
    public var takeoverPatience: Duration = .milliseconds(600) { didSet { precondition(takeoverPatience >= .zero) } }
    /// After a board joined, further joins are awaited this long before a solve starts.
    public var joinSettle: Duration = .milliseconds(500) { didSet { precondition(joinSettle >= .zero) } }
    /// A solve that takes longer is cancelled and counts as failed.
    public var solveTimeout: Duration = .seconds(30) { didSet { precondition(solveTimeout > .zero) } }
    /// A participant that is neither ready nor refuses within this time counts as refused.
    public var prepareTimeout: Duration = .seconds(60) { didSet { precondition(prepareTimeout > .zero) } }
    /// An old plan that has not drained by then is dropped; its requests run again under the new one.
    public var drainTimeout: Duration = .seconds(5) { didSet { precondition(drainTimeout > .zero) } }
    /// An assignment that is not yet reported as carried out is sent again at this period.
    public var retransmitPeriod: Duration = .milliseconds(300) { didSet { precondition(retransmitPeriod > .zero) } }
    /// An assignment that is carried out is sent again at this period, so that a lost plan is noticed.
    public var heartbeatPeriod: Duration = .seconds(2) { didSet { precondition(heartbeatPeriod > .zero) } }
    /// First wait after a failed attempt to plan; doubles up to `backoffMaximum`.
    public var backoffMinimum: Duration = .milliseconds(500) { didSet { precondition(backoffMinimum > .zero) } }
    public var backoffMaximum: Duration = .seconds(30) { didSet { precondition(backoffMaximum >= backoffMinimum) } }
    /// A board that refused a plan is left out of further plans of that model for this time.
    public var quarantine: Duration = .seconds(30) { didSet { precondition(quarantine >= .zero) } }

    public init() {}
}
