import Cluster

/// Measured latencies of the latest requests under each model's plan in force.
struct LatencyRecord: Sendable {
    /// Requests over which the median is taken.
    static let window = 200

    struct Entry: Sendable {
        var plan: PlanID
        var count = 0
        fileprivate var latest: [Double] = []

        /// Nil before the first request.
        var medianS: Double? {
            guard !latest.isEmpty else { return nil }
            return latest.sorted()[latest.count / 2]
        }
    }

    /// By model.
    private(set) var entries: [String: Entry] = [:]

    mutating func add(_ latencyS: Double, model: String, plan: PlanID) {
        var entry = entries[model] ?? Entry(plan: plan)
        if entry.plan != plan { entry = Entry(plan: plan) }
        if entry.latest.count < Self.window {
            entry.latest.append(latencyS)
        } else {
            entry.latest[entry.count % Self.window] = latencyS
        }
        entry.count += 1
        entries[model] = entry
    }
}
