extension Problem {
    /// The largest power in watt and intensity in g/kWh: far above any board and any grid.
    public static let maximumPower = 1e6
    /// Bundles that a problem may have.
    public static let maximumBundles = 1 << 20

    /// Limits are positive, named devices exist, and nothing contradicts itself before anything is computed.
    func validateConstraints() throws(ProblemError) {
        for (key, value) in [
            ("maximum_latency_s", constraints.maximumLatencyS), ("maximum_carbon_g", constraints.maximumCarbonG),
            ("minimum_throughput_per_s", constraints.minimumThroughputPerS),
        ] {
            if let value { try Self.requirePositive(value, key, "constraints") }
        }
        var limited = Set<DeviceID>()
        for limit in constraints.maximumEnergy {
            let place = "constraints: maximum_energy of \(limit.device)"
            guard devices.contains(where: { $0.id == limit.device }) else {
                throw ProblemError("\(place): there is no such device; the devices are \(deviceNames)")
            }
            guard limited.insert(limit.device).inserted else { throw ProblemError("\(place): it is given twice") }
            try Self.requirePositive(limit.energyJ, "energy_j", place)
        }
        for (key, value) in [
            ("maximum_entries", constraints.maximumEntries), ("maximum_bundle_size", constraints.maximumBundleSize),
        ] {
            guard value ?? 1 >= 1 else {
                throw ProblemError("constraints: \(key) is \(value ?? 0); give a whole number above zero")
            }
        }
        if let wanted = wantedThroughputPerS {
            try Self.requirePositive(wanted, "wanted_throughput_per_s", "problem")
            guard service == .continuous else {
                throw ProblemError("problem: wanted_throughput_per_s needs the service continuous")
            }
            if let least = constraints.minimumThroughputPerS, wanted < least {
                throw ProblemError(
                    "problem: wanted_throughput_per_s is \(wanted) and minimum_throughput_per_s is \(least); "
                        + "a plan that waits cannot do more than is wanted")
            }
        }
        for (key, value) in [("request_s", requestS), ("message_s", messageS)] {
            guard let value, !(0...Self.maximumSeconds).contains(value) else { continue }
            throw ProblemError("problem: \(key) is \(value); give 0 or more seconds")
        }
        if let pace = sharedPaces?.first(where: { !($0.ratio.isFinite && $0.ratio > 0) }) {
            throw ProblemError("problem: shared_paces of \(pace.device) is \(pace.ratio); give a number above 0")
        }
        var paced: Set<DeviceID> = []
        for pace in sharedPaces ?? [] {
            guard devices.contains(where: { $0.id == pace.device }), paced.insert(pace.device).inserted else {
                throw ProblemError("problem: shared_paces names \(pace.device), which is no device, or named twice")
            }
        }
        if service == .oneAtATime, objective == .throughput {
            throw ProblemError("problem: the objective throughput needs the service continuous")
        }
        if service == .continuous, weights == .preloaded {
            throw ProblemError(
                "problem: weights can hide behind waiting only where inferences come one at a time; "
                    + "take the weights resident or every_inference for a continuous service")
        }
        if weights == .preloaded, costModel == .sound, layers.contains(where: { $0.reachProbability ?? 1 < 1 }) {
            throw ProblemError(
                "problem: weights that load behind waiting are not priced together with early exits; take the weights "
                    + "resident or every_inference, or the cost model published")
        }
        try validatePrivateLayers()
    }

    private func validatePrivateLayers() throws(ProblemError) {
        let home = Set(sourceBoardDevices)
        let pinned = pinnedDevices
        for layer in constraints.privateLayers {
            guard layers.indices.contains(layer) else {
                throw ProblemError("private layer \(layer): the layers are 0 to \(layers.count - 1)")
            }
            if let device = pinned[layer], !home.contains(device) {
                throw ProblemError(
                    "private layer \(layer) (\(layers[layer].name)): it is pinned to \(device), which is not on the "
                        + "source's board; drop the pin or keep fewer layers private")
            }
        }
    }

    func validateBundles() throws(ProblemError) {
        guard bundles.count <= Self.maximumBundles else {
            throw ProblemError("bundles: there are \(bundles.count); at most \(Self.maximumBundles) can be used")
        }
        let byID = Dictionary(devices.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var seen = Set<[Int]>()
        var numbers: [DeviceID: Int] = [:]
        for (index, device) in devices.enumerated() { numbers[device.id] = index }
        for bundle in bundles {
            let place = "bundle \(bundle.first)..\(bundle.last) on \(bundle.device)"
            guard let device = byID[bundle.device] else { throw ProblemError("\(place): there is no such device") }
            guard bundle.first <= bundle.last, layers.indices.contains(bundle.first),
                layers.indices.contains(bundle.last)
            else { throw ProblemError("\(place): the layers are 0 to \(layers.count - 1), the first before the last") }
            guard layers[bundle.first...bundle.last].allSatisfy({ $0.kind == .model }) else {
                throw ProblemError("\(place): a bundle has layers of the model only")
            }
            guard device.points.contains(where: { $0.frequencyHz == bundle.frequencyHz }) else {
                let asked = bundle.frequencyHz.map { "the frequency \($0) Hz" } ?? "a bundle without a frequency"
                throw ProblemError(
                    "\(place): \(asked) is not one of the device's operating points; profiles are never extrapolated")
            }
            let point = device.points.firstIndex { $0.frequencyHz == bundle.frequencyHz } ?? 0
            guard seen.insert([bundle.first, bundle.last, numbers[bundle.device] ?? 0, point]).inserted else {
                throw ProblemError("\(place): it is given twice; keep one measurement")
            }
            guard bundle.latencyS.isFinite, bundle.latencyS >= 0 else {
                throw ProblemError(
                    "\(place): latency_s is \(bundle.latencyS); it must be a finite number, zero or more")
            }
            if let energyJ = bundle.energyJ {
                guard energyJ.isFinite, energyJ >= 0 else {
                    throw ProblemError("\(place): energy_j is \(energyJ); it must be a finite number, zero or more")
                }
                if let idlePowerW = device.idlePowerW, energyJ < idlePowerW * bundle.latencyS * (1 - 1e-9) {
                    throw ProblemError(
                        "\(place): energy_j is \(energyJ), less than the device takes idle in that time "
                            + "(\(idlePowerW * bundle.latencyS)); measure the whole board, or correct idle_power_w")
                }
            }
        }
    }

    /// A figure that the objective or a limit needs and that is not known is named; it never counts as zero.
    func validateFigures() throws(ProblemError) {
        let isCarbon = objective == .carbon || constraints.maximumCarbonG != nil
        let limited = Set(constraints.maximumEnergy.map(\.device))
        let table = EnergyTable(self)
        for (index, device) in devices.enumerated() {
            let isCounted = objective == .energy && table.isCounted[index]
            guard isCarbon || isCounted || limited.contains(device.id) else { continue }
            let reason =
                isCarbon ? "carbon" : isCounted ? "the objective energy" : "its energy limit"
            func missing(_ figure: String) -> ProblemError {
                ProblemError(
                    "device \(device.id): \(figure) is unknown and \(reason) needs it; give it, it is not zero")
            }
            for point in device.points where point.computePowerW == nil {
                throw missing(
                    "compute_power_w" + (point.frequencyHz.map { " at \($0) Hz" } ?? ""))
            }
            if table.holds, device.idlePowerW == nil { throw missing("idle_power_w") }
            if device.transferPower == nil, links.contains(where: { $0.between.contains(device.id) }) {
                throw missing("transfer_power")
            }
            if isCarbon, device.intensityGPerKwh == nil { throw missing("intensity_g_per_kwh of its grid zone") }
        }
    }

    static func validatePowers(_ device: Device, _ place: String) throws(ProblemError) {
        func check(_ value: Double?, _ key: String) throws(ProblemError) {
            guard let value else { return }
            guard value >= 0, value <= maximumPower else {
                throw ProblemError("\(place): \(key) is \(value); it must be between 0 and \(maximumPower)")
            }
        }
        try check(device.idlePowerW, "idle_power_w")
        try check(device.intensityGPerKwh, "intensity_g_per_kwh")
        try check(device.transferPower?.uploadWPerMbitPerS, "transfer_power.upload_w_per_mbit_per_s")
        try check(device.transferPower?.downloadWPerMbitPerS, "transfer_power.download_w_per_mbit_per_s")
        try check(device.transferPower?.baseW, "transfer_power.base_w")
        let points = device.points
        guard points.count <= Device.maximumOperatingPoints else {
            throw ProblemError(
                "\(place): \(points.count) operating points; at most \(Device.maximumOperatingPoints) are planned for")
        }
        var seen = Set<Double?>()
        for point in points {
            try requirePositive(point.flops, "operating_point.flops", place)
            if let frequencyHz = point.frequencyHz {
                try requirePositive(frequencyHz, "operating_point.frequency_hz", place)
            }
            guard seen.insert(point.frequencyHz).inserted else {
                throw ProblemError("\(place): two operating points have the same frequency_hz")
            }
            try check(point.computePowerW, "compute_power_w")
            if let power = point.computePowerW, let idle = device.idlePowerW, power < idle {
                throw ProblemError(
                    "\(place): compute_power_w is \(power), below idle_power_w \(idle); both are of the whole board")
            }
        }
    }

    static func validateReach(_ layer: PlannedLayer, after before: PlannedLayer?, _ place: String) throws(ProblemError)
    {
        let reach = layer.reachProbability ?? 1
        guard reach >= 0, reach <= 1 else {
            throw ProblemError("\(place): reach_probability is \(reach); it must be between 0 and 1")
        }
        guard reach <= before?.reachProbability ?? 1 else {
            throw ProblemError(
                "\(place): reach_probability is \(reach), above that of the layer before; it can only fall")
        }
    }

    private var deviceNames: String { devices.map(\.id.name).joined(separator: ", ") }
}
