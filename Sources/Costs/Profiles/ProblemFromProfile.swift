extension Problem {
    /// Bundles that were not measured and are named one by one in a plan's inputs; the rest are counted.
    public static let maximumMissingNamed = 8

    /// The problem with the bundles that a profile measured on its devices, and with what that rests on.
    ///
    /// The profile's layers are the problem's model layers, in their order. Bundles at frequencies that are none of a
    /// device's operating points, or on devices that the problem has not, are left out and counted in `inputs`.
    ///
    /// - Throws: where the profile is of another chain of layers.
    public func measured(by profile: BundleProfile) throws(ProblemError) -> Problem {
        let model = layers.indices.filter { layers[$0].kind == .model }
        guard profile.layerNames == model.map({ layers[$0].name }) else {
            throw ProblemError(
                "profile of \(profile.model): it has \(profile.layerNames.count) layers that are not the "
                    + "\(model.count) layers planned for; measure at the same granularity")
        }
        var problem = self
        if problem.constraints.maximumBundleSize == nil {
            problem.constraints.maximumBundleSize = profile.maximumBundleSize
        }
        var unusedCount = 0
        for measurement in profile.measurements {
            let bundle = measurement.bundle
            guard let device = devices.first(where: { $0.id == bundle.device }),
                device.points.contains(where: { $0.frequencyHz == bundle.frequencyHz })
            else {
                unusedCount += 1
                continue
            }
            problem.bundles.append(
                MeasuredBundle(
                    first: model[bundle.first], last: model[bundle.last], device: bundle.device,
                    frequencyHz: bundle.frequencyHz, latencyS: measurement.latencyS, energyJ: measurement.energyJ))
        }
        problem.inputs.append(
            InputSource(
                figure: "\(problem.bundles.count - bundles.count) bundles of up to \(profile.maximumBundleSize) layers",
                source: "measured, profile of \(profile.model)"
                    + (unusedCount > 0 ? "; \(unusedCount) others are of no device or frequency here" : "")))
        for device in devices {
            for point in device.points {
                let names = profile.missing(
                    device: device.id, frequencyHz: point.frequencyHz, atMost: Self.maximumMissingNamed)
                guard !names.isEmpty else { continue }
                let count = profile.missingCount(device: device.id, frequencyHz: point.frequencyHz)
                let place = "\(device.id)" + (point.frequencyHz.map { " at \($0 / 1e6) MHz" } ?? "")
                problem.inputs.append(
                    InputSource(
                        figure: "bundles on \(place) that were not measured (\(count)): "
                            + names.map { profile.name(of: $0) }.joined(separator: ", ")
                            + (count > names.count ? ", ..." : ""),
                        source: "split into measured ones; a single layer from its FLOP and bytes"))
            }
        }
        try problem.validate()
        return problem
    }
}
