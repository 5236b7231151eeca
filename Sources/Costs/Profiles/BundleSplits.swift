/// What a bundle costs, and of which measured bundles that is the sum.
public struct BundlePrice: Sendable, Equatable {
    public var bundle: BundleID
    /// In their order; one where the bundle itself was measured and is not too long.
    public var parts: [BundleMeasurement]

    public var isSplit: Bool { parts.count > 1 }
    /// Seconds, the sum of the parts.
    public var latencyS: Double { parts.reduce(0) { $0 + $1.latencyS } }
    /// Joules, the sum of the parts; nil where a part's is unknown.
    public var energyJ: Double? {
        parts.reduce(Optional(0.0)) { sum, part in
            guard let sum, let energyJ = part.energyJ else { return nil }
            return sum + energyJ
        }
    }
}

/// The bundles that start at one layer at one place, each as the fewest measured bundles that make it up, and of
/// those the cheapest (dissertation, chapter 7: bundles above the maximum size are split so).
///
/// One forward pass over the measured bundles: `best[end]` is the least (parts, cost) that covers `first..<end`.
public struct BundleSplits: Sendable {
    /// What "cheapest" means.
    public enum Measure: String, Sendable, CaseIterable {
        case latency
        /// Bundles without a measured energy then count as not measured.
        case energy
    }

    public let device: DeviceID
    public let frequencyHz: Double?
    public let first: Int

    private struct Best {
        var parts: Int
        var cost: Double
        /// Index of the last part in `measured`.
        var part: Int
    }

    private let measured: [BundleMeasurement]
    private let best: [Best?]

    fileprivate init(
        _ profile: BundleProfile, measured: [BundleMeasurement], device: DeviceID, frequencyHz: Double?, first: Int,
        by measure: Measure
    ) {
        self.device = device
        self.frequencyHz = frequencyHz
        self.first = first
        self.measured = measured
        var best = [Best?](repeating: nil, count: max(0, profile.layerNames.count - first))
        for (index, measurement) in measured.enumerated() {
            let bundle = measurement.bundle
            guard bundle.first >= first, bundle.layerCount <= profile.maximumBundleSize else { continue }
            let cost: Double
            switch measure {
            case .latency: cost = measurement.latencyS
            case .energy:
                guard let energyJ = measurement.energyJ else { continue }
                cost = energyJ
            }
            // Sorted by first layer: all that ends before this bundle's start is final.
            let before: Best?
            if bundle.first == first {
                before = Best(parts: 0, cost: 0, part: -1)
            } else {
                before = best[bundle.first - first - 1]
            }
            guard let before else { continue }
            let candidate = Best(parts: before.parts + 1, cost: before.cost + cost, part: index)
            let end = bundle.last - first
            if let known = best[end], (known.parts, known.cost) <= (candidate.parts, candidate.cost) { continue }
            best[end] = candidate
        }
        self.best = best
    }

    /// What the bundle up to this layer costs; nil where no measured bundles make it up.
    public func price(to last: Int) -> BundlePrice? {
        guard last >= first, last - first < best.count else { return nil }
        var parts: [BundleMeasurement] = []
        var end = last
        while end >= first {
            guard let step = best[end - first] else { return nil }
            parts.append(measured[step.part])
            end = measured[step.part].bundle.first - 1
        }
        return BundlePrice(
            bundle: BundleID(device: device, frequencyHz: frequencyHz, first: first, last: last),
            parts: parts.reversed())
    }
}

extension BundleProfile {
    /// The bundles from every layer on at one place; element `i` holds those that start at layer `i`.
    public func splits(
        device: DeviceID, frequencyHz: Double? = nil, by measure: BundleSplits.Measure = .latency
    ) -> [BundleSplits] {
        let measured = measurements(device: device, frequencyHz: frequencyHz)
        return layerNames.indices.map { first in
            BundleSplits(
                self, measured: measured, device: device, frequencyHz: frequencyHz, first: first, by: measure)
        }
    }

    /// What one bundle costs, split where it was not measured or is too long; nil where it cannot be made up.
    public func price(of bundle: BundleID, by measure: BundleSplits.Measure = .latency) -> BundlePrice? {
        guard bundle.first >= 0, bundle.last >= bundle.first, bundle.last < layerNames.count else { return nil }
        return BundleSplits(
            self, measured: measurements(device: bundle.device, frequencyHz: bundle.frequencyHz),
            device: bundle.device, frequencyHz: bundle.frequencyHz, first: bundle.first, by: measure
        ).price(to: bundle.last)
    }
}
