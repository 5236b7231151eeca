/// One way in which a plan does not hold.
public struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// The problem itself cannot be checked.
        case problem
        /// A layer is missing, given twice or unknown.
        case coverage
        /// Layers are not listed in the order of the chain.
        case order
        /// A device that the problem does not have.
        case device
        /// A pinned layer, the source or the destination is elsewhere.
        case pin
        /// Two consecutive layers are on devices that no link joins.
        case link
        /// A device is given more than its memory.
        case memory
        /// A cost that the plan claims is not what its assignment costs.
        case cost
        /// A device's figures are wrong, missing or superfluous.
        case share
        /// The proved bound or the gap is impossible.
        case bound
        /// The best single device is not what the plan says.
        case singleDevice
        /// The plan answers another objective.
        case objective
        /// A device is given two frequencies, or one that it does not have.
        case frequency
        /// The bundles do not cover the layers, or one is longer than allowed.
        case bundle
        /// A limit on latency, energy, carbon, throughput or entries, or a private layer, is not kept.
        case limit
    }

    public var kind: Kind
    public var description: String
}

/// Checks a plan against its problem, from the problem's own figures.
///
/// Written apart from `Evaluator` and `CostTable` on purpose, and to be kept so: what one gets wrong the other finds.
public enum Verifier {
    /// Relative difference at which two predictions count as different.
    public static let tolerance = 1e-9
    /// Ways to set clocks that are tried to check what one device would do.
    private static let triedMost = 4096.0

    /// Everything that is wrong with the plan, empty where it holds.
    ///
    /// Costs, memory, bound and single device are checked only where the assignment is whole.
    public static func violations(of plan: Plan, in problem: Problem) -> [Violation] {
        do { try problem.validate() } catch { return [Violation(kind: .problem, description: error.description)] }
        var found: [Violation] = []
        if plan.objective != problem.objective {
            found.append(
                .init(.objective, "the plan is for \(plan.objective.rawValue), asked was \(problem.objective.rawValue)")
            )
        }
        let structure = structureViolations(of: plan, in: problem)
        found += structure
        guard structure.allSatisfy({ $0.kind == .pin }) else { return found }
        let reckoning: Reckoning
        switch Reckoning.of(plan, in: problem) {
        case .failure(let violation): return found + [violation]
        case .success(let made): reckoning = made
        }
        found += costViolations(of: plan, reckoning)
        found += memoryViolations(of: plan, in: problem)
        found += shareViolations(of: plan, in: problem, reckoning)
        found += reckoning.limitViolations(in: problem)
        found += BundleRule.violations(of: plan, in: problem)
        found += boundViolations(of: plan)
        found += singleDeviceViolations(of: plan, in: problem)
        return found
    }

    private static func structureViolations(of plan: Plan, in problem: Problem) -> [Violation] {
        var found: [Violation] = []
        var times = [Int](repeating: 0, count: problem.layers.count)
        for layer in plan.layers {
            guard problem.layers.indices.contains(layer.index) else {
                found.append(.init(.coverage, "the plan has a layer \(layer.index) that the problem has not"))
                continue
            }
            times[layer.index] += 1
            if problem.layers[layer.index].name != layer.name {
                found.append(
                    .init(.coverage, "layer \(layer.index) is \(problem.layers[layer.index].name), not \(layer.name)"))
            }
            if !problem.devices.contains(where: { $0.id == layer.device }) {
                found.append(.init(.device, "layer \(layer.index) is on \(layer.device), which is not a device"))
            }
        }
        for (index, count) in times.enumerated() where count != 1 {
            found.append(.init(.coverage, "layer \(index) is given \(count) times"))
        }
        for (before, after) in zip(plan.layers, plan.layers.dropFirst()) where before.index >= after.index {
            found.append(.init(.order, "layer \(after.index) is listed after layer \(before.index)"))
        }
        for layer in plan.layers {
            var demands = problem.pins.filter { $0.layer == layer.index }.map(\.device)
            if layer.index == 0 { demands.append(problem.source) }
            if layer.index == problem.layers.count - 1 { demands.append(problem.destination) }
            if let demand = demands.first(where: { $0 != layer.device }) {
                found.append(.init(.pin, "layer \(layer.index) must run on \(demand), not on \(layer.device)"))
            }
            let board = problem.devices.first { $0.id == problem.source }?.node
            let owner = problem.devices.first { $0.id == layer.device }?.node
            if problem.constraints.privateLayers.contains(layer.index), board != owner {
                found.append(.init(.pin, "layer \(layer.index) is private and runs on \(layer.device)"))
            }
        }
        return found
    }

    private static func costViolations(of plan: Plan, _ reckoning: Reckoning) -> [Violation] {
        var found: [Violation] = []
        let claimed: [(String, Double, Double)] = [
            ("compute_s", plan.computeS, reckoning.computeS), ("transfer_s", plan.transferS, reckoning.transferS),
            ("weights_s", plan.weightsS, reckoning.weightsS), ("latency_s", plan.latencyS, reckoning.latencyS),
        ]
        for (name, claim, truth) in claimed where differs(claim, truth) {
            found.append(.init(.cost, "\(name) is given as \(claim) and is \(truth)"))
        }
        let optional: [(String, Double?, Double?)] = [
            ("cycle_s", plan.cycleS, reckoning.cycleS), ("energy_j", plan.energyJ, reckoning.energyJ),
            ("carbon_g", plan.carbonG, reckoning.carbonG),
        ]
        for case (let name, let claim?, let truth) in optional where truth.map({ differs(claim, $0) }) ?? true {
            found.append(
                .init(.cost, "\(name) is given as \(claim) and is \(truth.map { "\($0)" } ?? "unknown")"))
        }
        if plan.value == nil {
            found.append(.init(.cost, "the plan does not say its \(plan.objective.rawValue), its objective"))
        }
        return found
    }

    private static func shareViolations(
        of plan: Plan, in problem: Problem, _ reckoning: Reckoning
    ) -> [Violation] {
        var found: [Violation] = []
        for share in plan.devices {
            guard let index = problem.devices.firstIndex(where: { $0.id == share.id }) else { continue }
            if let claim = share.energy?.totalJ, reckoning.energyOf[index].map({ differs(claim, $0) }) ?? true {
                found.append(.init(.share, "device \(share.id): its energy is given as \(claim) J and is not"))
            }
            if let claim = share.busyS, differs(claim, reckoning.busyS[index]) {
                found.append(
                    .init(.share, "device \(share.id): busy_s is \(claim), not \(reckoning.busyS[index])"))
            }
            if let claim = share.loadS, differs(claim, reckoning.loadS[index]) {
                found.append(
                    .init(.share, "device \(share.id): load_s is \(claim), not \(reckoning.loadS[index])"))
            }
        }
        return found
    }

    private static func memoryViolations(of plan: Plan, in problem: Problem) -> [Violation] {
        var found: [Violation] = []
        let totalFlop = problem.layers.map(\.flop).reduce(0, +)
        for device in problem.devices {
            let own = plan.layers.filter { $0.device == device.id }.map { problem.layers[$0.index] }
            let shares = plan.devices.filter { $0.id == device.id }
            guard !own.isEmpty else {
                if !shares.isEmpty { found.append(.init(.share, "device \(device.id) runs nothing and is listed")) }
                continue
            }
            let bytes =
                own.map(\.weightBytes).reduce(0, +) + (own.map(\.workingPeakBytes).max() ?? 0)
                + (device.runtimeBytes ?? 0)
            if bytes > device.memoryBytes {
                found.append(
                    .init(.memory, "device \(device.id) needs \(bytes) bytes and offers \(device.memoryBytes)"))
            }
            guard shares.count == 1 else {
                found.append(.init(.share, "device \(device.id) is listed \(shares.count) times among the devices"))
                continue
            }
            if shares[0].peakMemoryBytes != bytes {
                found.append(
                    .init(
                        .share, "device \(device.id): peak_memory_bytes is \(shares[0].peakMemoryBytes), not \(bytes)"))
            }
            let flop = own.map(\.flop).reduce(0, +)
            let share = totalFlop == 0 ? 0 : flop / totalFlop
            if differs(shares[0].flopsShare, share) {
                found.append(.init(.share, "device \(device.id): flops_share is \(shares[0].flopsShare), not \(share)"))
            }
        }
        for share in plan.devices where !problem.devices.contains(where: { $0.id == share.id }) {
            found.append(.init(.share, "the devices list \(share.id), which is not a device"))
        }
        return found
    }

    private static func boundViolations(of plan: Plan) -> [Violation] {
        guard let value = plan.value else { return [] }
        switch (plan.bound, plan.gap) {
        case (nil, nil): return []
        case (let bound?, let gap?):
            guard bound.isFinite, bound >= 0, bound <= value * (1 + tolerance) else {
                return [.init(.bound, "the bound \(bound) is above the objective \(value)")]
            }
            let truth = value > 0 ? (value - bound) / value : 0
            guard abs(gap - truth) <= tolerance else {
                return [.init(.bound, "the gap is given as \(gap) and is \(truth)")]
            }
            return []
        default: return [.init(.bound, "the bound and the gap come together or not at all")]
        }
    }

    private static func singleDeviceViolations(of plan: Plan, in problem: Problem) -> [Violation] {
        guard problem.bundles.isEmpty, Reckoning.countAlone(in: problem) <= Self.triedMost else {
            // How the layers of one device would be bundled, or which of very many clocks are best, is a search of its
            // own; only the order is checked.
            guard let claim = plan.singleDevice, let value = plan.value, plan.gap ?? 1 <= tolerance,
                value > claim.value * (1 + tolerance)
            else { return [] }
            return [.init(.singleDevice, "the plan is called optimal and \(claim.device) alone is better")]
        }
        var best: (device: DeviceID, value: Double)?
        for candidate in problem.devices {
            guard let value = Reckoning.leastAlone(on: candidate, in: problem) else { continue }
            if value < best?.value ?? .infinity { best = (candidate.id, value) }
        }
        switch (plan.singleDevice, best) {
        case (nil, nil): return []
        case (let claim?, let best?):
            // Two devices may be equally good; which of them is named does not matter.
            let isLatency = problem.objective == .latency
            if differs(claim.value, best.value) || (isLatency && differs(claim.latencyS, best.value)) {
                return [
                    .init(
                        .singleDevice,
                        "single_device is \(claim.device) at \(claim.value); best is \(best.device) at \(best.value)")
                ]
            }
            if let value = plan.value, plan.bound != nil, value > best.value * (1 + tolerance),
                plan.gap ?? 1 <= tolerance
            {
                return [.init(.singleDevice, "the plan is called optimal and \(best.device) alone is better")]
            }
            return []
        case (let claim?, nil):
            return [.init(.singleDevice, "single_device is \(claim.device), and no device alone can do it")]
        case (nil, let best?):
            return [.init(.singleDevice, "single_device is left out; it is \(best.device) at \(best.value)")]
        }
    }

    static func differs(_ claim: Double, _ truth: Double) -> Bool {
        !(abs(claim - truth) <= tolerance * Swift.max(abs(claim), abs(truth)))
    }
}

extension Violation {
    init(_ kind: Kind, _ description: String) {
        self.init(kind: kind, description: description)
    }
}
