extension Problem {
    /// Bundles that are made of summaries, over all devices and clocks; longer ones are then sums of shorter.
    public static let maximumSummaryBundles = 8192

    /// The problem with the bundles that boards' summaries price, and with what that rests on.
    ///
    /// - Parameters:
    ///   - summaries: of this model, at most one for each device; one of another number of layers is left out, and the
    ///     plan's inputs say so.
    ///   - nowS: seconds since 1970, for the age (nil: not told).
    ///   - slowness: how many times as long as its summary a device took of late, by device and clock.
    /// - Throws: what ``validate()`` finds.
    public func measured(
        by summaries: [ProfileSummary], nowS: Double? = nil, slowness: (DeviceID, Double?) -> Double = { _, _ in 1 }
    ) throws(ProblemError) -> Problem {
        let model = layers.indices.filter { layers[$0].kind == .model }
        guard let firstLayer = model.first else { return self }
        var problem = self
        var priced: [(device: Device, clocks: [ProfileSummary.Clock])] = []
        for device in devices {
            guard let summary = summaries.first(where: { $0.device == device.id }) else { continue }
            let figure = "times of layers on \(device.id)"
            guard summary.layerCount == model.count else {
                problem.inputs.append(
                    InputSource(
                        figure: figure,
                        source: "its profile has \(summary.layerCount) layers and the model \(model.count): left out"))
                continue
            }
            let clocks = device.points.compactMap { summary.clock(atHz: $0.frequencyHz) }
            guard !clocks.isEmpty else {
                problem.inputs.append(
                    InputSource(figure: figure, source: "its profile has none of its clocks: left out"))
                continue
            }
            priced.append((device, clocks))
            problem.inputs.append(Self.input(figure, summary, clocks, of: device, nowS: nowS))
        }
        guard !priced.isEmpty else { return problem }
        let clockCount = priced.reduce(0) { $0 + $1.clocks.count }
        let size = Self.bundleSize(layers: model.count, clocks: clockCount)
        if size < model.count {
            problem.constraints.maximumBundleSize = min(size, constraints.maximumBundleSize ?? size)
        }
        for (device, clocks) in priced {
            for clock in clocks {
                let ratio = slowness(device.id, clock.frequencyHz)
                // A board that computes takes no less than one that waits.
                let powerW = clock.powerW.flatMap { $0 < device.idlePowerW ?? 0 ? nil : $0 }
                for first in 0..<model.count {
                    for last in first..<min(first + size, model.count) {
                        let latencyS = clock.latencyS(first: first, last: last) * ratio
                        problem.bundles.append(
                            MeasuredBundle(
                                first: firstLayer + first, last: firstLayer + last, device: device.id,
                                frequencyHz: clock.frequencyHz, latencyS: latencyS,
                                energyJ: powerW.map { $0 * latencyS }))
                    }
                }
            }
        }
        try problem.validate()
        return problem
    }

    /// The longest bundle with which they stay below ``maximumSummaryBundles``.
    package static func bundleSize(layers: Int, clocks: Int) -> Int {
        let room = max(layers, maximumSummaryBundles / max(clocks, 1))
        var size = 1
        while size < layers, profileCount(layers: layers, devices: 1, maximumBundleSize: size + 1) <= room { size += 1 }
        return size
    }

    private static func input(
        _ figure: String, _ summary: ProfileSummary, _ clocks: [ProfileSummary.Clock], of device: Device, nowS: Double?
    ) -> InputSource {
        let measured = Set(summary.clocks.map(\.frequencyHz))
        let fittedCount = clocks.count { !measured.contains($0.frequencyHz) }
        let missingCount = device.points.count - clocks.count
        let measuredS = summary.measuredAt.flatMap { UTCTime.secondsSince1970($0) }
        let ageS = measuredS.flatMap { at in nowS.map { max(0, $0 - at) } }
        return InputSource(
            figure: figure,
            source: "measured by \(device.node): \(clocks.count - fittedCount) clocks, \(fittedCount) between fitted"
                + (missingCount > 0 ? ", \(missingCount) beyond from FLOP/s" : "")
                + (summary.measuredAt.map { "; \($0)" } ?? ""),
            ageS: ageS)
    }
}
