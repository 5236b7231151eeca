import Costs

/// How long a device takes for a model's layers, against what its announced speed says.
///
/// One figure of FLOP/s cannot fit every model: a convolution reaches more of a processor than a large matrix does. A
/// board learns the ratio from the segments that it runs, and announces it with its capabilities.
public struct ModelPace: Hashable, Sendable, Codable {
    public var model: String
    public var device: DeviceID
    /// The clock at which it was measured; nil where the clock is not controlled.
    public var frequencyHz: Double?
    /// True: of parts of operators that it shares with other boards, which take another time for each FLOP than whole
    /// ones; else nil.
    public var shared: Bool?
    /// What the announced FLOP/s at this clock are divided by; of the highest clock measured, the memory bandwidth too.
    /// 2 is half as fast as announced.
    public var ratio: Double
    /// Runs of segments that the ratio rests on.
    public var samples: Int
    /// RFC 3339 UTC.
    public var measuredAt: String?

    public init(
        model: String, device: DeviceID, frequencyHz: Double? = nil, isShared: Bool = false, ratio: Double,
        samples: Int, measuredAt: String? = nil
    ) {
        self.model = model
        self.device = device
        self.frequencyHz = frequencyHz
        shared = isShared ? true : nil
        self.ratio = ratio
        self.samples = samples
        self.measuredAt = measuredAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(String.self, forKey: .model)
        device = try container.decode(DeviceID.self, forKey: .device)
        frequencyHz = try container.decodeNumberIfPresent(forKey: .frequencyHz)
        shared = try container.decodeIfPresent(Bool.self, forKey: .shared)
        ratio = try container.decodeNumber(forKey: .ratio)
        samples = try container.decode(Int.self, forKey: .samples)
        measuredAt = try container.decodeIfPresent(String.self, forKey: .measuredAt)
        guard ratio.isFinite, PaceBook.plausibleRatios.contains(ratio) else {
            throw DecodingError.dataCorruptedError(
                forKey: .ratio, in: container,
                debugDescription: "a ratio is between \(PaceBook.plausibleRatios.lowerBound) and "
                    + "\(PaceBook.plausibleRatios.upperBound), not \(ratio)")
        }
    }

    enum CodingKeys: String, CodingKey {
        case model, device
        case frequencyHz = "frequency_hz"
        case shared, ratio, samples
        case measuredAt = "measured_at"
    }
}

extension [ModelPace] {
    /// What is known of a device for a model at a clock: measured there, else at the nearest clock.
    ///
    /// - Parameter isShared: of operators that it shares; where that is not known, of whole ones.
    public func pace(
        of model: String, on device: DeviceID, frequencyHz: Double?, isShared: Bool = false
    ) -> ModelPace? {
        let all = filter { $0.model == model && $0.device == device }
        let shared = all.filter { $0.shared == true }
        let own = isShared && !shared.isEmpty ? shared : all.filter { $0.shared != true }
        if let exact = own.first(where: { $0.frequencyHz == frequencyHz }) { return exact }
        guard let frequencyHz else { return nil }
        return own.filter { $0.frequencyHz != nil }.min { left, right in
            let leftHz = abs((left.frequencyHz ?? 0) - frequencyHz)
            let rightHz = abs((right.frequencyHz ?? 0) - frequencyHz)
            return leftHz != rightHz ? leftHz < rightHz : (left.frequencyHz ?? 0) < (right.frequencyHz ?? 0)
        }
    }

    /// The device with its speeds as this model has shown them.
    ///
    /// What layers hand on inside a device is part of the time that was measured. Were it left as announced, a device
    /// that announces less memory bandwidth than it has would be corrected again and again, and never be right. It has
    /// one bandwidth at all clocks, so that the pace at the highest that was measured counts for it, also while the
    /// device is too hot for that clock. Weights are taken to load at that bandwidth as well.
    public func corrected(_ device: Device, for model: String) -> Device {
        var device = device
        let own = filter { $0.model == model && $0.device == device.id && $0.shared != true }
        if let highest = own.max(by: { ($0.frequencyHz ?? 0) < ($1.frequencyHz ?? 0) }) {
            device.memoryBandwidthBytesPerS /= highest.ratio
        }
        if var points = device.operatingPoints, !points.isEmpty {
            for index in points.indices {
                guard let pace = pace(of: model, on: device.id, frequencyHz: points[index].frequencyHz) else {
                    continue
                }
                points[index].flops /= pace.ratio
            }
            device.operatingPoints = points
            device.flops = points.map(\.flops).max() ?? device.flops
        } else if let pace = pace(of: model, on: device.id, frequencyHz: nil) {
            device.flops /= pace.ratio
        }
        return device
    }
}
