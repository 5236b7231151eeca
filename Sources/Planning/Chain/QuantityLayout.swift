import Costs

/// Which figure of a plan is which quantity of its `ChainProgram`, and what limits it.
struct QuantityLayout: Sendable {
    private(set) var quantities: [ChainProgram.Quantity]
    private(set) var shared: ChainProgram.Shared
    /// Index of the latency (0 where it is the objective; nil: nobody asks for it).
    private(set) var latency: Int?
    /// Index of the first device's entries; the others follow.
    private(set) var entries: Int?
    /// Index of the first device's short bundles; the others follow.
    private(set) var waste: Int?
    /// Layers of the largest bundle, where bundles are counted.
    let bundleSize: Int
    /// Does anything ask for energy or carbon?
    let hasEnergy: Bool

    private let objective: Objective
    private var limitedDevices: [(quantity: Int, device: Int)] = []
    private var carbon: Int?
    private let isCounted: [Bool]
    private let gramPerJ: [Double]

    init(_ problem: Problem, table: CostTable, energy: EnergyTable) {
        let count = table.deviceCount
        let limits = problem.constraints
        objective = problem.objective
        isCounted = energy.isCounted
        gramPerJ = (0..<count).map { energy.gramPerJ($0) ?? 0 }
        hasEnergy =
            objective == .energy || objective == .carbon || limits.maximumCarbonG != nil
            || !limits.maximumEnergy.isEmpty
        let modelLayers = problem.layers.count { $0.kind == .model }
        bundleSize = min(limits.maximumBundleSize ?? .max, max(1, modelLayers))
        quantities = [
            ChainProgram.Quantity("\(objective.rawValue) in \(objective.unit)", deviceCount: count)
        ]
        shared = .none
        let holdW = (0..<count).map { energy.holdPowerW($0) ?? 0 }
        let waits = hasEnergy && holdW.contains { $0 > 0 }

        if objective == .latency {
            latency = 0
            quantities[0].limit = limits.maximumLatencyS ?? .infinity
        } else if limits.maximumLatencyS != nil || (waits && problem.service == .oneAtATime)
            || problem.weights == .preloaded
        {
            latency = quantities.count
            quantities.append(
                .init("latency in s", limit: limits.maximumLatencyS ?? .infinity, deviceCount: count))
        }
        for limit in limits.maximumEnergy {
            guard let device = problem.devices.firstIndex(where: { $0.id == limit.device }) else { continue }
            limitedDevices.append((quantities.count, device))
            quantities.append(.init("energy of \(limit.device) in J", limit: limit.energyJ, deviceCount: count))
        }
        if let limit = limits.maximumCarbonG {
            carbon = objective == .carbon ? 0 : quantities.count
            if objective == .carbon {
                quantities[0].limit = limit
            } else {
                quantities.append(.init("carbon in g", limit: limit, deviceCount: count))
            }
        }
        if let limit = limits.maximumEntries {
            entries = quantities.count
            for device in problem.devices {
                quantities.append(.init("entries of \(device.id)", limit: Double(limit), deviceCount: count))
            }
        }
        if table.hasMeasuredBundles, problem.costModel == .published {
            waste = quantities.count
            for device in problem.devices {
                quantities.append(
                    .init("bundles of \(device.id)", limit: Double(bundleSize - 1), deviceCount: count))
            }
        }
        addWaiting(problem, holdW: waits ? holdW : nil)
    }

    /// Idle power, over the latency or the cycle.
    private mutating func addWaiting(_ problem: Problem, holdW: [Double]?) {
        let least = [problem.constraints.minimumThroughputPerS, problem.wantedThroughputPerS].compactMap { $0 }.max()
        switch problem.service {
        case .oneAtATime:
            if let least, let latency { quantities[latency].limit = min(quantities[latency].limit, 1 / least) }
            guard let holdW else { return }
            shared = .total(quantity: latency ?? 0)
            charge(holdW) { $0.sharedPrice[$1] += $2 }
        case .continuous:
            let limit = least.map { 1 / $0 } ?? .infinity
            if objective == .throughput, let source = problem.devices.firstIndex(where: { $0.id == problem.source }) {
                // The source always runs something, so what it is charged is charged once.
                if let wanted = problem.wantedThroughputPerS {
                    quantities[0].firstUse[source] = 1 / wanted
                } else {
                    quantities[0].sharedPrice[source] = 1
                }
            }
            let needsCycle = limit.isFinite || objective == .throughput || holdW != nil
            guard needsCycle else { return }
            shared = .bottleneck(limit: limit)
            guard let holdW else { return }
            if let wanted = problem.wantedThroughputPerS {
                charge(holdW) { $0.firstUse[$1] += $2 / wanted }
            } else {
                charge(holdW) { $0.sharedPrice[$1] += $2 }
            }
        }
    }

    /// Gives every quantity that counts joule its share of each device's power.
    private mutating func charge(
        _ watt: [Double], _ add: (inout ChainProgram.Quantity, Int, Double) -> Void
    ) {
        for device in watt.indices {
            if objective == .energy, isCounted[device] { add(&quantities[0], device, watt[device]) }
            if objective == .carbon { add(&quantities[0], device, watt[device] * gramPerJ[device]) }
            if let carbon, carbon > 0 { add(&quantities[carbon], device, watt[device] * gramPerJ[device]) }
            for limited in limitedDevices where limited.device == device {
                add(&quantities[limited.quantity], device, watt[device])
            }
        }
    }

    /// What something adds to the energy of a device.
    typealias Share = (device: Int, joule: Double)

    /// The figures of something that takes time and adds joule to two devices at most, in the place of what was there.
    func fill(_ figures: inout [Double], seconds: Double, _ first: Share, _ second: Share? = nil) {
        for quantity in figures.indices { figures[quantity] = 0 }
        if let latency { figures[latency] += seconds }
        guard hasEnergy else { return }
        add(first, to: &figures)
        if let second { add(second, to: &figures) }
    }

    private func add(_ share: Share, to figures: inout [Double]) {
        if objective == .energy, isCounted[share.device] { figures[0] += share.joule }
        if objective == .carbon { figures[0] += share.joule * gramPerJ[share.device] }
        if let carbon, carbon > 0 { figures[carbon] += share.joule * gramPerJ[share.device] }
        for limited in limitedDevices where limited.device == share.device { figures[limited.quantity] += share.joule }
    }
}
