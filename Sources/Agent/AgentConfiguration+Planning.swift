import Cluster
import Costs

/// What the configuration says of planning, in the cluster's words.
extension AgentConfiguration {
    /// The board's devices as they are announced: on this board, and in its zone where they name none.
    package var placedDevices: [Device] {
        device.map { device in
            var device = device
            device.node = node
            device.zone = device.zone ?? zone
            return device
        }
    }

    /// What is wrong with what bears on energy and carbon; nil where nothing is.
    var planningFaults: [String?] {
        func positive(_ key: String, _ value: Double?) -> String? {
            guard let value, !(value.isFinite && value > 0) else { return nil }
            return "'\(key)' is \(value); give a number above 0"
        }
        func notNegative(_ key: String, _ value: Double?) -> String? {
            guard let value, !(value.isFinite && value >= 0) else { return nil }
            return "'\(key)' is \(value); give 0 or more"
        }
        let limits = planner.constraints
        var faults = [
            planner.memoryBytes >= Planner.minimumMemoryBytes
                ? nil : "'planner.memory_bytes' is \(planner.memoryBytes); give at least \(Planner.minimumMemoryBytes)",
            planner.timeS <= Planner.maximumTimeS
                ? nil : "'planner.time_s' is \(planner.timeS); give at most \(Planner.maximumTimeS)",
            (0..<1) ~= planner.carbonMargin
                ? nil : "'planner.carbon_margin' is \(planner.carbonMargin); use 0 up to 1",
            planner.dwellS.isFinite && planner.dwellS >= 0 && planner.dwellS <= Planner.longestWaitS
                ? nil : "'planner.dwell_s' is \(planner.dwellS); use 0 to \(Planner.longestWaitS)",
            planner.switchWindowS.isFinite && planner.switchWindowS >= 0
                && planner.switchWindowS <= Planner.longestWaitS
                ? nil : "'planner.switch_window_s' is \(planner.switchWindowS); use 0 to \(Planner.longestWaitS)",
            (1...Planner.mostSwitches) ~= planner.switchesPerWindow
                ? nil
                : "'planner.switches_per_window' is \(planner.switchesPerWindow); use 1 to \(Planner.mostSwitches)",
            planner.objective == .throughput && planner.service == .oneAtATime
                ? "'planner.objective' is \"throughput\", which needs 'planner.service' to be \"continuous\"" : nil,
            planner.name != "exact" && planner.needsExact
                ? "'planner.name' is \"\(planner.name)\", which knows latency only; use \"exact\" for other "
                    + "objectives, limits and services" : nil,
            planner.sharing != .on || planner.objective != .throughput && planner.service == .oneAtATime
                ? nil
                : "'planner.sharing' is \"on\", which is for one inference at a time; use \"auto\" or \"off\" with "
                    + "throughput and a continuous service",
            planner.sharing != .on || limits.areKeptSharing
                ? nil
                : "'planner.sharing' is \"on\", and of the limits in 'planner.constraints' shared plans keep those of "
                    + "latency, energy and carbon; leave the others out, or use \"auto\" or \"off\"",
            positive("planner.constraints.maximum_latency_s", limits.maximumLatencyS),
            positive("planner.constraints.maximum_carbon_g", limits.maximumCarbonG),
            positive("planner.constraints.minimum_throughput_per_s", limits.minimumThroughputPerS),
            limits.maximumEntries ?? 1 >= 1 ? nil : "'planner.constraints.maximum_entries' is below 1; give 1 or more",
            limits.maximumBundleSize ?? 1 >= 1
                ? nil : "'planner.constraints.maximum_bundle_size' is below 1; give 1 or more",
            limits.privateLayers.allSatisfy { $0 >= 0 }
                ? nil : "'planner.constraints.private_layers' has a number below 0; layers are counted from 0",
            Set(limits.maximumEnergy.map(\.device)).count == limits.maximumEnergy.count
                ? nil : "'planner.constraints.maximum_energy' names a device twice; keep one limit for each",
        ]
        faults += limits.maximumEnergy.enumerated().map { index, limit in
            positive("planner.constraints.maximum_energy[\(index)].energy_j", limit.energyJ)
        }
        for (index, device) in placedDevices.enumerated() {
            let key = "device[\(index)]"
            faults += [
                notNegative("\(key).compute_power_w", device.computePowerW),
                notNegative("\(key).idle_power_w", device.idlePowerW),
                notNegative("\(key).intensity_g_per_kwh", device.intensityGPerKwh),
                device.points.count <= Device.maximumOperatingPoints
                    ? nil
                    : "'\(key).operating_point' has more than \(Device.maximumOperatingPoints) points; keep fewer",
            ]
            faults += device.points.enumerated().flatMap { place, point in
                [
                    positive("\(key).operating_point[\(place)].flops", point.flops),
                    positive("\(key).operating_point[\(place)].frequency_hz", point.frequencyHz),
                    notNegative("\(key).operating_point[\(place)].compute_power_w", point.computePowerW),
                ]
            }
        }
        return faults
    }
}

extension AgentConfiguration.Planner {
    /// A search with less finds little.
    static let minimumMemoryBytes = 1 << 20
    /// A plan that takes longer answers a question that nobody asks any more.
    static let maximumTimeS = 600.0

    var needsExact: Bool {
        objective != .latency || service != .oneAtATime || constraints != Constraints()
    }

    package var settings: PlanningSettings {
        PlanningSettings(
            goal: PlanGoal(
                objective: objective, service: service, constraints: constraints,
                sharing: sharing == .off ? nil : sharing),
            margin: margin, carbonMargin: carbonMargin,
            // The process is stopped first, and says why.
            solveTimeout: .seconds(max(30, PlannerProcess.patienceS(timeS) + 5)), dwell: .seconds(dwellS),
            switchesPerWindow: switchesPerWindow, switchWindow: .seconds(switchWindowS))
    }
}
