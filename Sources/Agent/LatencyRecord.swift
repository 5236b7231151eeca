import Cluster

/// Measured latencies of the latest requests under each model's plan in force.
package struct LatencyRecord: Sendable {
    /// Requests over which a median is taken.
    package static let window = 200

    package struct Figures: Sendable {
        package private(set) var count = 0
        private var latest: [Double] = []

        /// Nil before the first request.
        package var medianS: Double? {
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

    package struct Entry: Sendable {
        package let plan: PlanID
        package fileprivate(set) var all = Figures()
        /// Of requests beside which no other was open here, answered at the first attempt: what a plan predicts.
        package fileprivate(set) var alone = Figures()
    }

    /// By model.
    package private(set) var entries: [String: Entry] = [:]

    package init() {}

    package mutating func add(_ latencyS: Double, model: String, plan: PlanID, wasAlone: Bool) {
        var entry = entries[model] ?? Entry(plan: plan)
        if entry.plan != plan { entry = Entry(plan: plan) }
        entry.all.add(latencyS)
        if wasAlone { entry.alone.add(latencyS) }
        entries[model] = entry
    }
}
