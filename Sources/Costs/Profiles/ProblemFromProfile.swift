extension Problem {
    /// Bundles that were not measured and are named one by one in a plan's inputs; the rest are counted.
    public static let maximumMissingNamed = 8

    /// The problem with the bundles that a profile measured on its devices, and with what that rests on.
    ///
    /// The profile's layers are the problem's model layers, in their order. At a clock between measured ones a bundle
    /// is fitted (``FittedBundles``). Bundles at other frequencies that are none of a device's operating points, or on
    /// devices that the problem has not, are left out and counted in `inputs`.
    ///
    /// - Throws: where the profile is of another chain of layers, or nothing in it is of a device or clock here.
    public func measured(by profile: BundleProfile) throws(ProblemError) -> Problem {
        let model = layers.indices.filter { layers[$0].kind == .model }
        guard profile.layerNames == model.map({ layers[$0].name }) else {
            throw ProblemError(
                "\(profile.title): it has \(profile.layerNames.count) layers that are not the "
                    + "\(model.count) layers planned for; measure at the same granularity")
        }
        var problem = self
        if problem.constraints.maximumBundleSize == nil {
            problem.constraints.maximumBundleSize = profile.maximumBundleSize
        }
        let fitted = FittedBundles(profile, for: devices)
        var unusedCount = 0
        for measurement in profile.measurements {
            let bundle = measurement.bundle
            guard let device = devices.first(where: { $0.id == bundle.device }),
                device.points.contains(where: { $0.frequencyHz == bundle.frequencyHz })
            else {
                let source = BundleID(device: bundle.device, first: bundle.first, last: bundle.last)
                if bundle.frequencyHz == nil || !fitted.sources.contains(source) { unusedCount += 1 }
                continue
            }
            try Self.check(measurement, on: device, file: profile.file)
            problem.bundles.append(
                MeasuredBundle(
                    first: model[bundle.first], last: model[bundle.last], device: bundle.device,
                    frequencyHz: bundle.frequencyHz, latencyS: measurement.latencyS, energyJ: measurement.energyJ))
        }
        let measuredCount = problem.bundles.count - bundles.count
        guard measuredCount > 0 || !fitted.groups.isEmpty else { throw useless(profile) }
        problem.inputs.append(
            InputSource(
                figure: "\(measuredCount) bundle\(measuredCount == 1 ? "" : "s") of up to "
                    + "\(profile.maximumBundleSize) layers",
                source: "measured, \(profile.title)" + Self.unused(unusedCount)))
        for group in fitted.groups {
            problem.bundles += group.bundles.map { bundle in
                var placed = bundle
                placed.first = model[bundle.first]
                placed.last = model[bundle.last]
                return placed
            }
            problem.inputs.append(Self.input(group))
        }
        problem.inputs += missing(in: profile, fitted)
        try problem.validate()
        return problem
    }

    /// What the problem would refuse too, said with the line that it is on.
    private static func check(
        _ measurement: BundleMeasurement, on device: Device, file: String
    ) throws(ProblemError) {
        guard let energyJ = measurement.energyJ, let idlePowerW = device.idlePowerW else { return }
        let idleJ = idlePowerW * measurement.latencyS
        guard energyJ < idleJ * (1 - 1e-9) else { return }
        throw ProblemError(
            DataFault(
                file: file, line: measurement.entry.line,
                "energy_j is \(energyJ), and \(device.id) takes \(idleJ) J in that time when idle",
                "measure the whole board, or correct idle_power_w"
            ).description)
    }

    private static func unused(_ count: Int) -> String {
        guard count > 0 else { return "" }
        return "; \(count) other \(count == 1 ? "row is" : "rows are") of no device or frequency here"
    }

    /// Why no row of a profile can be used.
    private func useless(_ profile: BundleProfile) -> ProblemError {
        func list(_ ids: [DeviceID]) -> String { ids.map(\.name).joined(separator: ", ") }
        let known = profile.devices.filter { id in devices.contains { $0.id == id } }
        guard let device = known.first.flatMap({ id in devices.first { $0.id == id } }) else {
            return ProblemError(
                "\(profile.title): its rows are of \(list(profile.devices)) and the devices are "
                    + "\(list(devices.map(\.id))); give the rows the devices' ids, or leave the profile out")
        }
        func clocks(_ values: [Double?]) -> String {
            values.map { $0.map { FrequencyText.text(hertz: $0) } ?? "no clock" }.joined(separator: ", ")
        }
        return ProblemError(
            "\(profile.title): its rows of \(device.id) are at \(clocks(profile.frequenciesHz(of: device.id))) and the "
                + "device has \(clocks(device.points.map(\.frequencyHz))); measure at one of those, or correct "
                + "frequency_hz")
    }

    private static func input(_ group: FittedBundles.Group) -> InputSource {
        let count = group.bundles.count
        let energy =
            switch group.energyCount {
            case 0: "latency only: too few clocks with an energy"
            case count: "latency and energy"
            default: "latency, and energy of \(group.energyCount)"
            }
        // In tenths of a percent: a fit's error is no precise figure itself.
        let error = group.relativeResidual.map { ", off by up to \(($0 * 1000).rounded() / 10) %" } ?? ""
        return InputSource(
            figure: "\(count) bundle\(count == 1 ? "" : "s") on \(group.device) at "
                + FrequencyText.text(hertz: group.frequencyHz),
            source: "fitted between measured clocks, \(energy)\(error)")
    }

    /// What was neither measured nor fitted, for each device and clock.
    private func missing(in profile: BundleProfile, _ fitted: FittedBundles) -> [InputSource] {
        var inputs: [InputSource] = []
        for device in devices {
            for point in device.points {
                let group = fitted.groups.first { $0.device == device.id && $0.frequencyHz == point.frequencyHz }
                let short = (group?.bundles ?? []).filter { $0.last - $0.first < profile.maximumBundleSize }
                let known = Set(
                    short.map {
                        BundleID(device: $0.device, frequencyHz: $0.frequencyHz, first: $0.first, last: $0.last)
                    })
                let names = profile.missing(
                    device: device.id, frequencyHz: point.frequencyHz,
                    atMost: Self.maximumMissingNamed + known.count
                ).filter { !known.contains($0) }.prefix(Self.maximumMissingNamed)
                guard !names.isEmpty else { continue }
                let count = profile.missingCount(device: device.id, frequencyHz: point.frequencyHz) - known.count
                let place =
                    "\(device.id)" + (point.frequencyHz.map { " at " + FrequencyText.text(hertz: $0) } ?? "")
                let spans = names.map { $0.first == $0.last ? "\($0.first)" : "\($0.first) to \($0.last)" }
                inputs.append(
                    InputSource(
                        figure: "bundles on \(place), not measured (\(count))",
                        source: "split into measured ones; a single layer from its FLOP and bytes: layers "
                            + spans.joined(separator: ", ") + (count > names.count ? ", ..." : "")))
            }
        }
        return inputs
    }
}
