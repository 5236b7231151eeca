import Costs

/// Do predictions keep what a problem asks for besides memory?
public enum Limits {
    /// Relative excess that is rounding.
    public static let tolerance = 1e-9

    /// The first limit that is broken, in words; nil where all hold.
    public static func broken(by prediction: Prediction, path: [Int], problem: Problem) -> String? {
        let limits = problem.constraints
        func over(_ value: Double?, _ limit: Double) -> Bool { !((value ?? .nan) <= limit * (1 + tolerance)) }
        if let limit = limits.maximumLatencyS, over(prediction.latencyS, limit) { return "maximum_latency_s" }
        if let limit = limits.maximumCarbonG, over(prediction.carbonG, limit) { return "maximum_carbon_g" }
        if let least = limits.minimumThroughputPerS, over(prediction.cycleS, 1 / least) {
            return "minimum_throughput_per_s"
        }
        if problem.service == .continuous, let busiest = prediction.devices.compactMap(\.loadS).max(),
            over(busiest, prediction.cycleS)
        {
            return "wanted_throughput_per_s"
        }
        for limit in limits.maximumEnergy {
            guard let share = prediction.devices.first(where: { $0.id == limit.device }) else { continue }
            if over(share.energy?.totalJ, limit.energyJ) { return "maximum_energy of \(limit.device)" }
        }
        if let most = limits.maximumEntries {
            var entries: [Int: Int] = [:]
            for (layer, device) in path.enumerated() where layer == 0 || path[layer - 1] != device {
                entries[device, default: 0] += 1
            }
            if entries.values.contains(where: { $0 > most }) { return "maximum_entries" }
        }
        return nil
    }
}
