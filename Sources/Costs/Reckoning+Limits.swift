extension Reckoning {
    /// The limits that the plan breaks.
    func limitViolations(in problem: Problem) -> [Violation] {
        let limits = problem.constraints
        func over(_ value: Double, _ limit: Double) -> Bool { value > limit * (1 + Verifier.tolerance) }
        var found: [Violation] = []
        if let limit = limits.maximumLatencyS, over(latencyS, limit) {
            found.append(.init(.limit, "the latency is \(latencyS) s, more than \(limit) s"))
        }
        if let limit = limits.maximumCarbonG, carbonG.map({ over($0, limit) }) ?? true {
            found.append(.init(.limit, "the carbon is \(carbonG ?? .nan) g, more than \(limit) g"))
        }
        if let least = limits.minimumThroughputPerS, over(cycleS, 1 / least) {
            found.append(.init(.limit, "the cycle is \(cycleS) s, too long for \(least) inferences a second"))
        }
        if problem.service == .continuous, let busiest = loadS.max(), over(busiest, cycleS) {
            found.append(.init(.limit, "a device is busy for \(busiest) s of a cycle of \(cycleS) s"))
        }
        for limit in limits.maximumEnergy {
            guard let index = problem.devices.firstIndex(where: { $0.id == limit.device }), entries[index] > 0 else {
                continue
            }
            if energyOf[index].map({ over($0, limit.energyJ) }) ?? true {
                found.append(.init(.limit, "the energy of \(limit.device) is over \(limit.energyJ) J or unknown"))
            }
        }
        if let most = limits.maximumEntries, let index = entries.firstIndex(where: { $0 > most }) {
            found.append(
                .init(.limit, "device \(problem.devices[index].id) is entered \(entries[index]) times, at most \(most)")
            )
        }
        if let most = limits.maximumBundleSize, longestBundle > most {
            found.append(.init(.bundle, "a bundle has \(longestBundle) layers, at most \(most) are allowed"))
        }
        return found
    }
}
