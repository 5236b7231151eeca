/// Consecutive layers of the model that were measured as one on a device at one of its points.
///
/// A bundle's time holds whatever happens inside: computing, reading weights, moving tensors between its layers.
public struct MeasuredBundle: Codable, Sendable, Equatable {
    /// First and last layer, by index in the problem's chain.
    public var first: Int
    public var last: Int
    public var device: DeviceID
    /// One of the device's frequencies (nil: for a device whose clock is not controlled).
    public var frequencyHz: Double?
    public var latencyS: Double
    /// Energy of the whole board meanwhile (nil: not measured).
    public var energyJ: Double?

    public init(
        first: Int, last: Int, device: DeviceID, frequencyHz: Double? = nil, latencyS: Double, energyJ: Double? = nil
    ) {
        self.first = first
        self.last = last
        self.device = device
        self.frequencyHz = frequencyHz
        self.latencyS = latencyS
        self.energyJ = energyJ
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            first: try container.decode(Int.self, forKey: .first), last: try container.decode(Int.self, forKey: .last),
            device: try container.decode(DeviceID.self, forKey: .device),
            frequencyHz: try container.decodeNumberIfPresent(forKey: .frequencyHz),
            latencyS: try container.decodeNumber(forKey: .latencyS),
            energyJ: try container.decodeNumberIfPresent(forKey: .energyJ))
    }

    enum CodingKeys: String, CodingKey {
        case first, last, device
        case frequencyHz = "frequency_hz"
        case latencyS = "latency_s"
        case energyJ = "energy_j"
    }
}
