import Costs
import ModelGraph
import Sharing
import SharingPlans

/// Searches for the shared plan of least energy or carbon, or one that keeps limits of them: who computes what, and at
/// which clock.
///
/// Systems share for least latency on devices of given speeds. So a system is asked at the fastest clocks; for each of
/// its plans the best clocks are found (`SharedClocks`); then it is asked again at the clocks of the best of them,
/// where other shares may be right. `unified` gives all plans that it compared, those of one device among them, and the
/// plan that shares nothing is one more where it is given: it is never worse than any of them.
struct ClockedSearch {
    /// Times that a system is asked.
    static let roundsMost = 3

    /// A plan, and the problem at its clocks.
    typealias Outcome = (found: SharingPlan, asked: SharedProblem)

    let asked: SharedProblem
    let shared: SharedGraph
    let layers: [GraphLayer]
    let system: SharingSystem
    let options: SharingOptions
    /// The best plan that gives each layer to one device (nil: there is none, or it is not known).
    let chain: Plan?

    /// Is a search for the least latency at the fastest clocks not enough?
    static func isNeeded(_ problem: Problem) -> Bool {
        problem.objective != .latency || !problem.constraints.maximumEnergy.isEmpty
            || problem.constraints.maximumCarbonG != nil
    }

    /// The best that was found; it may break limits, or need more memory than there is, where nothing found does not.
    func best() throws(SharingError) -> Outcome {
        let begun = options.started()
        let isTimeUp = { begun.timeIsUp }
        var each = options
        each.budget.timeS = options.budget.timeS.map { $0 / Double(Self.roundsMost) }
        var seen: Set<SharedAssignment> = []
        var best: (outcome: Outcome, key: Key)?
        var round = asked
        for number in 0..<Self.roundsMost where number == 0 || !isTimeUp() {
            var candidates = try plans(at: round, each)
            if number == 0, system == .unified, let alone = withoutSharing() { candidates.insert(alone, at: 0) }
            for assignment in candidates where seen.insert(assignment).inserted {
                if best != nil, isTimeUp() { break }
                let own = try asked.priced(assignment)
                let pricer = try SharedPricer(assignment, shared, of: own)
                let choice = try SharedClocks(pricer: pricer, isTimeUp: isTimeUp).best()
                let clocked = try own.at(choice.points)
                let found = try SharingPlan(system, assignment.layouts, shared, clocked.cluster)
                let key = Key(excessBytes: found.evaluation.excessBytes, choice.key(asked.problem.objective))
                if let known = best, !(key < known.key) { continue }
                best = ((found, clocked), key)
            }
            guard let points = best?.outcome.asked.points, points != round.points else { break }
            round = try asked.at(points)
        }
        if let best { return best.outcome }
        return (try SharingSystem.local.plan(shared, on: asked.cluster), asked)
    }

    private struct Key {
        let excessBytes: Int
        let choice: (Double, Double, Double)

        init(excessBytes: Int, _ choice: (Double, Double, Double)) {
            self.excessBytes = excessBytes
            self.choice = choice
        }

        static func < (left: Key, right: Key) -> Bool {
            left.excessBytes != right.excessBytes
                ? left.excessBytes < right.excessBytes : left.choice < right.choice
        }
    }

    private func plans(at round: SharedProblem, _ options: SharingOptions) throws(SharingError) -> [SharedAssignment] {
        guard system == .unified else { return [try system.plan(shared, on: round.cluster, options).assignment] }
        let outcome = try Unified.plan(shared, round.cluster, options)
        return [outcome.plan.assignment] + outcome.candidates.map(\.assignment)
    }

    private func withoutSharing() -> SharedAssignment? {
        guard let chain, let layouts = asked.layouts(of: chain, shared, layers: layers) else { return nil }
        return asked.cluster.assignment(layouts)
    }
}

extension SharedProblem {
    /// The energy or carbon that no plan undercuts: all FLOP of the model, each where and at the clock at which it
    /// takes least.
    ///
    /// What is sent and who waits is left out, which makes it loose (nil: a figure is unknown).
    func leastValue(_ shared: SharedGraph) -> Double? {
        let table = EnergyTable(problem)
        let flop = shared.graph.operators.reduce(0) { $0 + $1.flop }
        var least: Double?
        for (index, device) in devices.enumerated() {
            guard let place = problem.devices.firstIndex(where: { $0.id == device.id }) else { continue }
            for point in device.points.indices {
                // What is not counted may be all; of what is unknown no plan of this objective could make use.
                if problem.objective == .energy, !table.isCounted[place] { return 0 }
                guard let powerW = table.computePowerW[place][point] else { continue }
                let perJouleOrOne = problem.objective == .carbon ? table.gramPerJ(place) : 1
                guard let factor = perJouleOrOne else { continue }
                let perFLOP = factor * powerW / max(speeds[index][point], wholeSpeeds[index][point])
                least = min(least ?? .infinity, perFLOP * flop)
            }
        }
        return least
    }
}
