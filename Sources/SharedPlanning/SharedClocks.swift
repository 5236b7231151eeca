import Costs
import Sharing
import SharingPlans

/// At which operating point each device of a shared plan runs, so that the objective is least and all limits are kept.
///
/// Where few combinations exist all of them are priced. Else one device's point is changed at a time as long as that
/// is better, from all devices at their fastest point and from all at the one that takes least energy for a FLOP.
struct SharedClocks {
    /// Combinations that are all priced.
    static let combinationsMost = 256

    struct Choice {
        let points: [Int]
        let price: SharedPrice

        /// Least first: limits before the objective, then the latency; what is unknown comes last.
        func key(_ objective: Objective) -> (Double, Double, Double) {
            (price.violation, price.value(objective) ?? .infinity, price.latencyS)
        }
    }

    let pricer: SharedPricer
    let isTimeUp: () -> Bool

    /// The best choice that was found; it may break limits where none keeps them.
    func best() throws(SharingError) -> Choice {
        let asked = pricer.asked
        let fastest = asked.devices.map(\.fastestPoint)
        let first = try choice(fastest)
        // The others have nothing to compute at any point.
        let changeable = pricer.members.filter { asked.devices[$0].points.count > 1 && first.price.busyS[$0] > 0 }
        var combinations = 1
        for device in changeable where combinations <= Self.combinationsMost {
            combinations *= asked.devices[device].points.count
        }
        if combinations <= Self.combinationsMost { return try bestOfAll(first, changeable) }
        var best = try descent(from: first, changeable)
        let efficient = try descent(from: try choice(self.efficient(fastest, changeable)), changeable)
        if isBetter(efficient, best) { best = efficient }
        return best
    }

    private func choice(_ points: [Int]) throws(SharingError) -> Choice {
        Choice(points: points, price: try pricer.price(at: points))
    }

    private func isBetter(_ left: Choice, _ right: Choice) -> Bool {
        left.key(pricer.asked.problem.objective) < right.key(pricer.asked.problem.objective)
    }

    private func bestOfAll(_ first: Choice, _ changeable: [Int]) throws(SharingError) -> Choice {
        var best = first
        var points = first.points
        for device in changeable { points[device] = 0 }
        repeat {
            let next = try choice(points)
            if isBetter(next, best) { best = next }
        } while !isTimeUp() && count(&points, changeable)
        return best
    }

    /// To the next combination, as a counter goes on; false after the last one.
    private func count(_ points: inout [Int], _ changeable: [Int]) -> Bool {
        for device in changeable {
            points[device] += 1
            if points[device] < pricer.asked.devices[device].points.count { return true }
            points[device] = 0
        }
        return false
    }

    private func descent(from start: Choice, _ changeable: [Int]) throws(SharingError) -> Choice {
        var best = start
        var hasChanged = true
        while hasChanged, !isTimeUp() {
            hasChanged = false
            for device in changeable {
                for point in pricer.asked.devices[device].points.indices where point != best.points[device] {
                    guard !isTimeUp() else { return best }
                    var points = best.points
                    points[device] = point
                    let next = try choice(points)
                    guard isBetter(next, best) else { continue }
                    best = next
                    hasChanged = true
                }
            }
        }
        return best
    }

    /// The points of least compute energy for each FLOP; where that is unknown, the fastest.
    private func efficient(_ fastest: [Int], _ changeable: [Int]) -> [Int] {
        var points = fastest
        for device in changeable {
            let all = pricer.asked.devices[device].points
            let perFLOP = all.indices.map { point in
                all[point].computePowerW.map { $0 / pricer.asked.speeds[device][point] } ?? .infinity
            }
            guard let least = perFLOP.min(), least.isFinite else { continue }
            points[device] = perFLOP.firstIndex(of: least) ?? fastest[device]
        }
        return points
    }
}
