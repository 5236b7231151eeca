/// How long a device takes for its parts of shared operators, against what all else says of its speed.
///
/// Parts are cut, padded and run in many short segments, and fit into caches into which whole operators do not.
public struct SharedPace: Codable, Sendable, Equatable {
    public var device: DeviceID
    /// Times as long; above 0.
    public var ratio: Double

    public init(device: DeviceID, ratio: Double) {
        self.device = device
        self.ratio = ratio
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        device = try container.decode(DeviceID.self, forKey: .device)
        ratio = try container.decodeNumber(forKey: .ratio)
    }

    enum CodingKeys: String, CodingKey {
        case device, ratio
    }
}
