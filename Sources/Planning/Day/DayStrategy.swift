/// A way to choose plans over hours of changing grid carbon.
public enum DayStrategy: String, Codable, Sendable, CaseIterable {
    /// The least carbon of an inference in each period, with at least the wanted throughput.
    case exact
    /// The best plan that gives every free layer to one device, in each period.
    case bestBoard = "best-board"
    /// The plan of least energy, whatever the grids do.
    case leastEnergy = "least-energy"
    /// The plan that is best for the mean intensities, all the time.
    case fixed
    /// What CADI's published objective chooses in each period: least carbon a second.
    case cadi = "cadi-published"
    /// The least carbon where the boards do just as many inferences as are wanted and wait in between.
    case waiting

    /// As a legend calls it.
    public var title: String {
        switch self {
        case .exact: "exact"
        case .bestBoard: "best single board"
        case .leastEnergy: "least energy"
        case .fixed: "one fixed plan"
        case .cadi: "CADI as published"
        case .waiting: "exact with waiting"
        }
    }
}
