import Costs

/// What a runner is started with; everything else comes by `RunnerCommand`.
public struct RunnerOptions: Sendable, Equatable {
    public var node: NodeID
    /// The board's own folder: weights in `weights`, accepted plans in `runner-plans.json`.
    public var stateDirectory: String
    /// Address and port to listen on for other runners and for the agent; port 0 lets the system choose.
    public var host: String
    public var port: Int
    /// Most bytes of the weight store; nil: as much as the disk has.
    public var storeLimitBytes: Int?
    public var limits: TransportLimits
    /// How often measurements are reported.
    public var reportIntervalS: Double

    public init(
        node: NodeID, stateDirectory: String, host: String = "127.0.0.1", port: Int = 0, storeLimitBytes: Int? = nil,
        limits: TransportLimits = TransportLimits(), reportIntervalS: Double = 1
    ) {
        self.node = node
        self.stateDirectory = stateDirectory
        self.host = host
        self.port = port
        self.storeLimitBytes = storeLimitBytes
        self.limits = limits
        self.reportIntervalS = reportIntervalS
    }

    /// Where the board's blobs are; agent and runner share it.
    public var weightsDirectory: String { stateDirectory + "/weights" }
    var acceptedPlansFile: String { stateDirectory + "/runner-plans.json" }
}
