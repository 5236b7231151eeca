extension Reckoning {
    /// In how many ways the clocks of the devices can be set that `leastAlone` tries at most.
    static func countAlone(in problem: Problem) -> Double {
        let pinned = Set([problem.source, problem.destination] + problem.pins.map(\.device))
        let counts = problem.devices.map { (isPinned: pinned.contains($0.id), points: Double($0.points.count)) }
        let free = counts.filter { !$0.isPinned }.map(\.points).max() ?? 1
        return free * counts.filter(\.isPinned).reduce(1) { $0 * $1.points }
    }

    /// The least objective of all plans that put every free layer on one device; nil where none keeps the limits.
    ///
    /// For problems without measured bundles, where it does not matter how layers are bundled.
    static func leastAlone(on candidate: Device, in problem: Problem) -> Double? {
        var owners = [DeviceID](repeating: candidate.id, count: problem.layers.count)
        for pin in problem.pins { owners[pin.layer] = pin.device }
        owners[0] = problem.source
        owners[owners.count - 1] = problem.destination
        let board = problem.devices.first { $0.id == problem.source }?.node
        for layer in problem.constraints.privateLayers
        where problem.devices.first(where: { $0.id == owners[layer] })?.node != board { return nil }
        let indices = owners.compactMap { id in problem.devices.firstIndex { $0.id == id } }
        for device in Set(indices) {
            let own = indices.indices.filter { indices[$0] == device }.map { problem.layers[$0] }
            let bytes = own.reduce(problem.devices[device].runtimeBytes ?? 0) { $0 + $1.weightBytes }
            guard bytes + (own.map(\.workingPeakBytes).max() ?? 0) <= problem.devices[device].memoryBytes else {
                return nil
            }
        }
        let used = Array(Set(indices)).sorted()
        var best: Double?
        var choice = [Int](repeating: 0, count: used.count)
        while true {
            var points: [OperatingPoint?] = problem.devices.map { _ in nil }
            for (position, device) in used.enumerated() {
                points[device] = problem.devices[device].points[choice[position]]
            }
            if case .success(let made) = make(
                problem, owners: indices, points: points, bundles: indices.indices.map { $0...$0 }),
                made.limitViolations(in: problem).isEmpty, let value = made.value(problem.objective)
            {
                best = min(best ?? .infinity, value)
            }
            var position = 0
            while position < used.count {
                choice[position] += 1
                if choice[position] < problem.devices[used[position]].points.count { break }
                choice[position] = 0
                position += 1
            }
            if position == used.count { return best }
        }
    }
}
