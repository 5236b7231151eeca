/// Bundles at clocks at which nobody measured them, priced by the fit over the clocks at which they were.
///
/// Only between measured clocks, never beyond. A fit that the measurements do not follow (a latency below zero, an
/// energy below what the board takes idle) gives no bundle.
public struct FittedBundles: Sendable, Equatable {
    /// What was fitted at one clock of one device.
    public struct Group: Sendable, Equatable {
        public var device: DeviceID
        public var frequencyHz: Double
        /// How many of the bundles have an energy too; it needs one clock more than the latency.
        public var energyCount: Int
        /// The largest error of the latency fits as a share of what was measured (nil: unknown).
        public var relativeResidual: Double?
        public var bundles: [MeasuredBundle]
    }

    /// In the order of the devices and of their points.
    public let groups: [Group]
    /// Bundles that were measured and gave a fit, each with its device and without a frequency.
    public let sources: Set<BundleID>

    /// - Parameter devices: with the points that a plan may choose.
    public init(_ profile: BundleProfile, for devices: [Device]) {
        var groups: [Group] = []
        var sources: Set<BundleID> = []
        for device in devices {
            let own = Self.fits(profile, of: device)
            for point in device.points {
                guard let frequencyHz = point.frequencyHz else { continue }
                var group = Group(device: device.id, frequencyHz: frequencyHz, energyCount: 0, bundles: [])
                for (bundle, fit) in own {
                    var asked = bundle
                    asked.frequencyHz = frequencyHz
                    guard profile.measurement(of: asked) == nil,
                        let fitted = Self.bundle(asked, fit, idlePowerW: device.idlePowerW)
                    else { continue }
                    group.bundles.append(fitted)
                    group.energyCount += fitted.energyJ == nil ? 0 : 1
                    if let error = fit.latency.quality.relativeResidual {
                        group.relativeResidual = max(error, group.relativeResidual ?? 0)
                    }
                    sources.insert(bundle)
                }
                if !group.bundles.isEmpty { groups.append(group) }
            }
        }
        self.groups = groups
        self.sources = sources
    }

    /// The bundles of a device that were measured at two clocks or more, with their fits, by first and last layer.
    private static func fits(_ profile: BundleProfile, of device: Device) -> [(BundleID, FrequencyFit)] {
        let measured = profile.frequenciesHz(of: device.id).compactMap(\.self)
        guard measured.count > 1, device.points.contains(where: { $0.frequencyHz != nil }) else { return [] }
        var bundles: Set<BundleID> = []
        for frequencyHz in measured {
            for measurement in profile.measurements(device: device.id, frequencyHz: frequencyHz) {
                bundles.insert(
                    BundleID(device: device.id, first: measurement.bundle.first, last: measurement.bundle.last))
            }
        }
        return bundles.sorted { ($0.first, $0.last) < ($1.first, $1.last) }.compactMap { bundle in
            (try? profile.frequencyFit(device: device.id, first: bundle.first, last: bundle.last)).map { (bundle, $0) }
        }
    }

    private static func bundle(_ asked: BundleID, _ fit: FrequencyFit, idlePowerW: Double?) -> MeasuredBundle? {
        guard let frequencyHz = asked.frequencyHz, let latencyS = try? fit.latencyS(atHz: frequencyHz) else {
            return nil
        }
        let energyJ = try? fit.energyJ(atHz: frequencyHz)
        if let energyJ, let idlePowerW, energyJ < idlePowerW * latencyS { return nil }
        return MeasuredBundle(
            first: asked.first, last: asked.last, device: asked.device, frequencyHz: frequencyHz, latencyS: latencyS,
            energyJ: energyJ)
    }
}
