/// Bounds of everything that a `ClusterMember` keeps or sends. What is beyond a bound is refused by name.
public enum ClusterLimits {
    /// Nodes remembered, the dead included.
    public static let members = 64
    /// Rumours about lives in one message.
    public static let rumoursPerMessage = 8
    /// Capabilities and model records in one message.
    public static let heavyRumoursPerMessage = 2
    /// Rumours read from one message; the rest is dropped.
    public static let rumoursReadPerMessage = 64
    /// Messages sent in answer to one digest.
    public static let messagesPerDigest = 16
    /// Indirect probes that are relayed for others at a time.
    public static let relays = 64
    /// Models of the catalogue, the removed ones included.
    public static let models = 64
    /// Boards remembered as holders of one model's weights.
    public static let holdersPerModel = 64
    /// Plans that a board holds at a time, over all models.
    public static let heldPlans = 128
    /// Entries of an assignment, a report or a digest that are read; the rest is dropped.
    public static let entriesPerMessage = 256
    /// Re-plan requests that wait for one model.
    public static let replanRequestsPerModel = 16
    /// Reasons for a new plan that are kept until the next solve.
    public static let replanReasonsPerModel = 64
    /// Grid zones whose intensity is remembered; the world has some four hundred.
    public static let zones = 512
    /// Forecast points of one zone's record; a record with more is refused.
    public static let carbonForecastPoints = 96
    /// Profiles that a board announces, each of at most ``ProfileSummary/maximumFigures`` figures.
    public static let profilesPerBoard = 4
    /// Layers that a request may pin.
    public static let pinsPerRequest = 4096
    /// Links kept of one board's measurements when link changes are judged.
    public static let linksPerBoard = 64
}
