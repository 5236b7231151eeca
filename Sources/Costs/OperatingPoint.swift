/// A device at one of its clock frequencies.
public struct OperatingPoint: Codable, Sendable, Hashable {
    /// Nil for a device whose clock is not controlled.
    public var frequencyHz: Double?
    /// Speed in FLOP/s at this frequency.
    public var flops: Double
    /// Power of the whole board while the device computes (nil: unknown).
    public var computePowerW: Double?

    public init(frequencyHz: Double?, flops: Double, computePowerW: Double? = nil) {
        self.frequencyHz = frequencyHz
        self.flops = flops
        self.computePowerW = computePowerW
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            frequencyHz: try container.decodeNumberIfPresent(forKey: .frequencyHz),
            flops: try container.decodeNumber(forKey: .flops),
            computePowerW: try container.decodeNumberIfPresent(forKey: .computePowerW))
    }

    enum CodingKeys: String, CodingKey {
        case flops
        case frequencyHz = "frequency_hz"
        case computePowerW = "compute_power_w"
    }
}

extension Device {
    /// Points that a device may be planned at.
    public static let maximumOperatingPoints = 64

    /// The points that a plan may choose from: those listed, or the one that `flops` describes.
    public var points: [OperatingPoint] {
        if let operatingPoints, !operatingPoints.isEmpty { return operatingPoints }
        return [OperatingPoint(frequencyHz: nil, flops: flops, computePowerW: computePowerW)]
    }

    /// The fastest point, the first among equals.
    public var fastestPoint: Int {
        var best = 0
        let points = points
        for (index, point) in points.enumerated() where point.flops > points[best].flops { best = index }
        return best
    }
}
