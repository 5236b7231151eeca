/// One measured bundle as it is written: layers by name or index, and where it stands.
public struct ProfileEntry: Sendable, Equatable {
    public var device: DeviceID
    /// In Hz; nil where the device's frequency was not chosen.
    public var frequencyHz: Double?
    /// Name of the first layer, or its index counted from 0.
    public var first: String
    /// Name of the last layer, itself included, or its index.
    public var last: String
    /// Seconds that the bundle takes, without transfers.
    public var latencyS: Double
    /// Joules that it takes; nil: not measured.
    public var energyJ: Double?
    /// How many runs the latency is the mean of; nil: not told.
    public var samples: Int?
    /// Standard deviation of those runs in seconds; nil: not told.
    public var spreadS: Double?
    /// Seconds since 1970, UTC; nil: not told.
    public var measuredAtS: Double?
    /// How it was measured, in words.
    public var method: String?
    /// Where it is written, counted from 1; nil where it never was in a file.
    public var line: Int?

    public init(
        device: DeviceID, frequencyHz: Double? = nil, first: String, last: String, latencyS: Double,
        energyJ: Double? = nil, samples: Int? = nil, spreadS: Double? = nil, measuredAtS: Double? = nil,
        method: String? = nil, line: Int? = nil
    ) {
        self.device = device
        self.frequencyHz = frequencyHz
        self.first = first
        self.last = last
        self.latencyS = latencyS
        self.energyJ = energyJ
        self.samples = samples
        self.spreadS = spreadS
        self.measuredAtS = measuredAtS
        self.method = method
        self.line = line
    }
}
