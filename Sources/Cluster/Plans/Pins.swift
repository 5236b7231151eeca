import Costs

/// A layer of a model that shall run on one device, whatever would be best.
public struct LayerPin: Hashable, Sendable, Codable {
    /// As the model's graph names it.
    public var layer: String
    public var device: DeviceID

    public init(layer: String, device: DeviceID) {
        self.layer = layer
        self.device = device
    }
}

/// A device that shall run at one of its clocks, whatever would be best.
public struct ClockPin: Hashable, Sendable, Codable {
    public var device: DeviceID
    public var frequencyHz: Double

    public init(device: DeviceID, frequencyHz: Double) {
        self.device = device
        self.frequencyHz = frequencyHz
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        device = try container.decode(DeviceID.self, forKey: .device)
        frequencyHz = try container.decodeNumber(forKey: .frequencyHz)
    }

    enum CodingKeys: String, CodingKey {
        case device
        case frequencyHz = "frequency_hz"
    }
}
