import Cluster

/// Measured latencies of the latest requests under each model's plan in force.
struct LatencyRecord: Sendable {
    /// Requests over which a median is taken.
    static let window = 200

    struct Figures: Sendable {
        private(set) var count = 0
        private var latest: [Double] = []

        /// Nil before the first request.
        var medianS: Double? {
            guard !latest.isEmpty else { return nil }
            return latest.sorted()[latest.count / 2]
        }

        fileprivate mutating func add(_ latencyS: Double) {
            if latest.count < LatencyRecord.window {
                latest.append(latencyS)
            } else {
                latest[count % LatencyRecord.window] = latencyS
            }
            count += 1
        }
    }

    struct Entry: Sendable {
        var plan: PlanID
        fileprivate(set) var all = Figures()
        /// Of requests beside which no other was open here, answered at the first attempt: what a plan predicts.
        fileprivate(set) var alone = Figures()
    }

    /// By model.
    private(set) var entries: [String: Entry] = [:]

    mutating func add(_ latencyS: Double, model: String, plan: PlanID, wasAlone: Bool) {
        var entry = entries[model] ?? Entry(plan: plan)
        if entry.plan != plan { entry = Entry(plan: plan) }
        entry.all.add(latencyS)
        if wasAlone { entry.alone.add(latencyS) }
        entries[model] = entry
    }
}
