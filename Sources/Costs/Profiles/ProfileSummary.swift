/// A profile of one device in a form small enough for gossip: for each clock what each layer takes alone, and what two
/// neighbours save by not being apart.
///
/// What a bundle saves against its single layers comes from the borders inside it: entering and leaving a session, and
/// rearranging the tensor that crosses. So t(i..j) = sum of t(k) - sum of saved(k), borders k|k+1 inside i..j. With
/// single layers and pairs measured that needs 2 L - 1 figures for a clock, not L (L + 1) / 2.
public struct ProfileSummary: Codable, Sendable, Hashable {
    /// Layer and border figures of one summary, over all clocks. Of more clocks some between are left out; a model of
    /// which a single clock has more is not summarized.
    public static let maximumFigures = 4096
    /// A bundle takes at least this part of what its layers take alone, whatever the borders' figures say.
    public static let leastPart = 0.2

    /// What was measured at one clock.
    public struct Clock: Codable, Sendable, Hashable {
        /// Nil where the device's frequency is not chosen.
        public var frequencyHz: Double?
        /// Of each layer alone.
        public var layersS: [Double]
        /// Of each border between layer k and k + 1: one fewer than layers. May be below zero.
        public var savedS: [Double]
        /// Mean power of the whole board meanwhile (nil: not measured).
        public var powerW: Double?

        public init(frequencyHz: Double?, layersS: [Double], savedS: [Double], powerW: Double? = nil) {
            self.frequencyHz = frequencyHz
            self.layersS = layersS
            self.savedS = savedS
            self.powerW = powerW
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            frequencyHz = try container.decodeNumberIfPresent(forKey: .frequencyHz)
            layersS = try container.decode([Double].self, forKey: .layersS)
            savedS = try container.decode([Double].self, forKey: .savedS)
            powerW = try container.decodeNumberIfPresent(forKey: .powerW)
        }

        enum CodingKeys: String, CodingKey {
            case frequencyHz = "frequency_hz"
            case powerW = "power_w"
            case layersS = "layers_s"
            case savedS = "saved_s"
        }

        /// Seconds of all layers as one bundle.
        public var totalS: Double { latencyS(first: 0, last: layersS.count - 1) }

        /// Seconds of a bundle.
        public func latencyS(first: Int, last: Int) -> Double {
            let alone = layersS[first...last].reduce(0, +)
            return max(alone - savedS[first..<last].reduce(0, +), ProfileSummary.leastPart * alone)
        }
    }

    /// Content address of the model's graph without its weights (hexadecimal SHA-256).
    public var graphSHA256: String
    public var device: DeviceID
    /// RFC 3339 UTC, of the newest measurement; nil: not told.
    public var measuredAt: String?
    /// Ascending by frequency; each has the same layers.
    public var clocks: [Clock]

    public init(graphSHA256: String, device: DeviceID, measuredAt: String? = nil, clocks: [Clock]) {
        self.graphSHA256 = graphSHA256
        self.device = device
        self.measuredAt = measuredAt
        self.clocks = clocks
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            graphSHA256: try container.decode(String.self, forKey: .graphSHA256),
            device: try container.decode(DeviceID.self, forKey: .device),
            measuredAt: try container.decodeIfPresent(String.self, forKey: .measuredAt),
            clocks: try container.decode([Clock].self, forKey: .clocks))
        if let fault {
            throw DecodingError.dataCorruptedError(forKey: .clocks, in: container, debugDescription: fault)
        }
    }

    enum CodingKeys: String, CodingKey {
        case graphSHA256 = "graph_sha256"
        case device
        case measuredAt = "measured_at"
        case clocks
    }

    /// Why the figures cannot be planned with; nil where they can.
    private var fault: String? {
        guard let count = clocks.first?.layersS.count, count > 0 else { return "a profile without layers" }
        guard clocks.count <= Device.maximumOperatingPoints, clocks.count * (2 * count - 1) <= Self.maximumFigures
        else { return "a profile of more than \(Self.maximumFigures) figures" }
        for clock in clocks {
            guard clock.layersS.count == count, clock.savedS.count == count - 1 else {
                return "a profile's clocks have other layers, or not one border fewer than layers"
            }
            guard clock.layersS.allSatisfy({ (0...Problem.maximumSeconds).contains($0) }),
                clock.savedS.allSatisfy({ abs($0) <= Problem.maximumSeconds })
            else { return "a profile's seconds are no numbers of 0 or more" }
            guard (0...Problem.maximumPower).contains(clock.powerW ?? 0), clock.frequencyHz ?? 1 > 0 else {
                return "a profile's power or clock is below 0"
            }
        }
        return nil
    }

    public var layerCount: Int { clocks.first?.layersS.count ?? 0 }

    /// The summary of what a profile says of one device.
    ///
    /// Clocks at which a single layer is missing are left out. A border of which the pair was not measured saves
    /// nothing, until longer bundles say so: what one takes beyond or below the sum of its parts is spread evenly over
    /// its borders; a border in none of them changes by their mean.
    ///
    /// - Returns: nil where no clock has every layer, or the model has too many of them.
    public init?(_ profile: BundleProfile, graphSHA256: String, device: DeviceID) {
        let clocks = profile.frequenciesHz(of: device).compactMap { Self.clock(profile, device, frequencyHz: $0) }
        guard let first = clocks.first else { return nil }
        let room = Self.maximumFigures / (2 * first.layersS.count - 1)
        guard room > 0 else { return nil }
        let newestS = profile.measurements.filter { $0.bundle.device == device }.compactMap(\.entry.measuredAtS).max()
        self.init(
            graphSHA256: graphSHA256, device: device,
            measuredAt: newestS.map { UTCTime.string(secondsSince1970: $0) },
            clocks: Self.spread(clocks, atMost: min(room, Device.maximumOperatingPoints)))
    }

    private static func clock(_ profile: BundleProfile, _ device: DeviceID, frequencyHz: Double?) -> Clock? {
        let count = profile.layerNames.count
        func measured(_ first: Int, _ last: Int) -> BundleMeasurement? {
            profile.measurement(of: BundleID(device: device, frequencyHz: frequencyHz, first: first, last: last))
        }
        let layersS = (0..<count).compactMap { measured($0, $0)?.latencyS }
        guard layersS.count == count else { return nil }
        let savedS = (0..<(count - 1)).map { layer in
            measured(layer, layer + 1).map { layersS[layer] + layersS[layer + 1] - $0.latencyS } ?? 0
        }
        var clock = Clock(frequencyHz: frequencyHz, layersS: layersS, savedS: savedS)
        let all = profile.measurements(device: device, frequencyHz: frequencyHz)
        let long = all.filter { $0.bundle.layerCount > 2 }
        if !long.isEmpty {
            // By border: what each bundle across it says, and how many do.
            var changesS = [Double](repeating: 0, count: count - 1)
            var counts = [Int](repeating: 0, count: count - 1)
            for measurement in long {
                let bundle = measurement.bundle
                let excessS = clock.latencyS(first: bundle.first, last: bundle.last) - measurement.latencyS
                for border in bundle.first..<bundle.last {
                    changesS[border] += excessS / Double(bundle.layerCount - 1)
                    counts[border] += 1
                }
            }
            let meanS = changesS.reduce(0, +) / Double(max(1, counts.reduce(0, +)))
            for border in clock.savedS.indices {
                clock.savedS[border] += counts[border] > 0 ? changesS[border] / Double(counts[border]) : meanS
            }
        }
        let withEnergy = all.filter { $0.energyJ != nil && $0.latencyS > 0 }
        let seconds = withEnergy.reduce(0) { $0 + $1.latencyS }
        if seconds > 0 { clock.powerW = fourDigits(withEnergy.reduce(0) { $0 + ($1.energyJ ?? 0) } / seconds) }
        clock.layersS = clock.layersS.map(fourDigits)
        clock.savedS = clock.savedS.map(fourDigits)
        return clock
    }

    /// The lowest, the highest, and of those between some at even distances.
    private static func spread(_ clocks: [Clock], atMost limit: Int) -> [Clock] {
        guard clocks.count > limit else { return clocks }
        guard limit > 1 else { return Array(clocks.suffix(1)) }
        return (0..<limit).map { clocks[$0 * (clocks.count - 1) / (limit - 1)] }
    }

    /// No measurement is better than that, and every digit is gossiped.
    private static func fourDigits(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        var scale = 1.0
        while abs(value) * scale < 1000, scale < 1e12 { scale *= 10 }
        while abs(value) * scale >= 10_000 { scale /= 10 }
        return (value * scale).rounded() / scale
    }
}

extension ProfileSummary {
    /// The figures at a clock: measured there, or between two measured ones t = p + q / f through both.
    ///
    /// - Returns: nil outside the measured clocks, or where the device's clock is chosen and was not meanwhile.
    public func clock(atHz frequencyHz: Double?) -> Clock? {
        if let exact = clocks.first(where: { $0.frequencyHz == frequencyHz }) { return exact }
        guard let frequencyHz else { return nil }
        let known = clocks.compactMap { clock in clock.frequencyHz.map { (frequencyHz: $0, clock: clock) } }
        guard let above = known.first(where: { $0.frequencyHz > frequencyHz }),
            let below = known.last(where: { $0.frequencyHz < frequencyHz })
        else { return nil }
        let part =
            (1 / below.frequencyHz - 1 / frequencyHz) / (1 / below.frequencyHz - 1 / above.frequencyHz)
        func between(_ low: [Double], _ high: [Double]) -> [Double] {
            zip(low, high).map { $0 + ($1 - $0) * part }
        }
        return Clock(
            frequencyHz: frequencyHz, layersS: between(below.clock.layersS, above.clock.layersS),
            savedS: between(below.clock.savedS, above.clock.savedS), powerW: powerW(atHz: frequencyHz))
    }

    /// From the fit of the whole model's energy over the clocks (``EnergyFit``), divided by that of its latency.
    private func powerW(atHz frequencyHz: Double) -> Double? {
        let points = clocks.compactMap { clock -> (frequencyHz: Double, latencyS: Double, powerW: Double)? in
            guard let frequencyHz = clock.frequencyHz, let powerW = clock.powerW else { return nil }
            return (frequencyHz, clock.totalS, powerW)
        }
        guard let energy = try? EnergyFit(points.map { ($0.frequencyHz, $0.powerW * $0.latencyS) }),
            let latency = try? LatencyFit(points.map { ($0.frequencyHz, $0.latencyS) }),
            let energyJ = try? energy.energyJ(atHz: frequencyHz),
            let latencyS = try? latency.latencyS(atHz: frequencyHz), latencyS > 0
        else { return nil }
        return energyJ / latencyS
    }
}
