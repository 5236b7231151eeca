import Costs

/// Learns, slowly, how far a board's own speed is from what it announces, for each model and clock, and apart for
/// operators that it shares with others.
///
/// Slowly, because a plan that chases each disturbance is worse than one that is a little wrong.
public struct PaceBook: Sendable {
    /// What is outside is a mistake somewhere, not a speed.
    public static let plausibleRatios = 1.0 / 256...256
    /// Weight of one run of a segment against all that was known before.
    public static let weightOfOneRun = 0.02
    /// Weight of one report, however many runs it stands for.
    public static let largestWeight = 0.3
    /// Runs before anything is said, at all clocks together: what slows a board at one of them, its own agent say,
    /// slows it at the others as well.
    public static let leastSamples = 20
    /// A ratio that differs by less than this part from the one announced is not worth a message.
    public static let announcedChange = 0.02
    /// Models, devices and clocks remembered; the ones of fewest runs go first.
    public static let maximumEntries = 128

    struct Key: Hashable {
        var model: String
        var device: DeviceID
        var frequencyHz: Double?
        var isShared: Bool
    }

    struct Entry {
        var ratio: Double
        var samples: Int
        var announced: ModelPace?
    }

    private var entries: [Key: Entry] = [:]

    public init() {}

    /// Takes over what the segments of one plan took on one device.
    ///
    /// - Parameters:
    ///   - measuredS: of one inference on the device.
    ///   - predictedS: the same as the plan said, which had been made with `assumedRatio`.
    ///   - isShared: the device computed parts of operators.
    ///   - runs: inferences that the figure stands for.
    ///   - time: RFC 3339 UTC.
    /// - Returns: true where `announced` is another than before.
    public mutating func observe(
        model: String, device: DeviceID, frequencyHz: Double?, measuredS: Double, predictedS: Double,
        assumedRatio: Double = 1, isShared: Bool = false, runs: Int, at time: String? = nil
    ) -> Bool {
        let sample = assumedRatio * measuredS / predictedS
        guard runs > 0, sample.isFinite, Self.plausibleRatios.contains(sample) else { return false }
        let key = Key(model: model, device: device, frequencyHz: frequencyHz, isShared: isShared)
        var entry: Entry
        if let known = entries[key] {
            entry = known
            // The first ones are averaged; later ones move a settled figure by little.
            let soFar = Double(entry.samples)
            let weight = max(
                min(Self.largestWeight, Self.weightOfOneRun * Double(runs)),
                min(0.5, Double(runs) / (soFar + Double(runs)))
            )
            entry.ratio += weight * (sample - entry.ratio)
            entry.samples = min(entry.samples + runs, 1 << 30)
        } else {
            makeRoom()
            entry = Entry(ratio: sample, samples: runs)
        }
        defer { entries[key] = entry }
        guard let (ratio, samples) = settled(entry, key) else { return false }
        // Where nothing is announced of parts of operators, what is of whole ones counts for them.
        let before =
            entry.announced?.ratio
            ?? (isShared ? announced.pace(of: model, on: device, frequencyHz: frequencyHz)?.ratio : nil) ?? 1
        guard abs(ratio - before) > Self.announcedChange * before else { return false }
        entry.announced = ModelPace(
            model: model, device: device, frequencyHz: frequencyHz, isShared: isShared, ratio: ratio,
            samples: samples, measuredAt: time)
        return true
    }

    /// The ratio at a clock; what its own runs lack of `leastSamples` the other clocks' stand for. Nil while all of
    /// them are too few.
    private func settled(_ entry: Entry, _ key: Key) -> (ratio: Double, samples: Int)? {
        if entry.samples >= Self.leastSamples { return (entry.ratio, entry.samples) }
        let others = entries.filter {
            $0.key.model == key.model && $0.key.device == key.device && $0.key.isShared == key.isShared
                && $0.key.frequencyHz != key.frequencyHz
        }
        let count = others.values.reduce(0) { $0 + $1.samples }
        guard entry.samples + count >= Self.leastSamples else { return nil }
        let othersRatio = others.values.reduce(0) { $0 + $1.ratio * Double($1.samples) } / Double(count)
        let own = Double(entry.samples) / Double(Self.leastSamples)
        return (own * entry.ratio + (1 - own) * othersRatio, entry.samples + count)
    }

    /// Models that are gone need no place.
    public mutating func keep(models: Set<String>) { entries = entries.filter { models.contains($0.key.model) } }

    /// What is known of a model says nothing any more: what it was compared with is another.
    public mutating func forget(model: String) { entries = entries.filter { $0.key.model != model } }

    /// In the order of model, device and clock; of whole operators first.
    public var announced: [ModelPace] {
        entries.values.compactMap(\.announced).sorted { left, right in
            if left.model != right.model { return left.model < right.model }
            if left.device != right.device { return left.device < right.device }
            if left.shared != right.shared { return left.shared != true }
            return (left.frequencyHz ?? 0) < (right.frequencyHz ?? 0)
        }
    }

    private mutating func makeRoom() {
        guard entries.count >= Self.maximumEntries else { return }
        let poorest = entries.min { left, right in
            if left.value.samples != right.value.samples { return left.value.samples < right.value.samples }
            return Self.name(left.key) < Self.name(right.key)
        }
        if let poorest { entries[poorest.key] = nil }
    }

    private static func name(_ key: Key) -> String {
        "\(key.model) \(key.device) \(key.isShared) \(key.frequencyHz ?? 0)"
    }
}
