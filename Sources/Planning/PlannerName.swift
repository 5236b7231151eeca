/// Every planner as `lamella plan --planner`, `agent.toml` and `Plan.planner` name it.
public enum PlannerName: String, CaseIterable, Sendable {
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
        case .exact: "any objective and limits; proves its plan (default)"
        case .baseProgram: "least latency at the fastest clocks, on HiGHS"
        case .odiwep: "latency; weights load while a device waits; HiGHS"
        case .dime: "latency over measured bundles of layers; HiGHS"
        case .freddi: "edge energy or latency, with clocks; HiGHS"
        case .cadi: "carbon or energy of a continuous service"
        case .jointDNNFast: "shortest path over single layers, highest clocks"
        case .jointDNNSlow: "the same, lowest clocks"
        case .neurosurgeon: "the best single cut with one other device"
        case .local: "everything on the source's device"
        case .exhaustive: "every plan, for small problems"
        }
    }

    /// Do the published equations of the system differ from what is physically so?
    public var hasPublishedForm: Bool {
        switch self {
        case .odiwep, .dime, .freddi, .cadi: true
        default: false
        }
    }
}
