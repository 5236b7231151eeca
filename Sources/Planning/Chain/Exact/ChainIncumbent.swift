/// The best schedule known of one search, and the objective that is worth looking for.
final class ChainIncumbent {
    /// Relative improvement that is not looked for: below what doubles can tell apart in a sum of this length.
    static let tolerance = 1e-12

    private(set) var best: (schedule: ChainSchedule, objective: Double)?
    /// Schedules that were priced.
    private(set) var offers = 0

    /// Steps of shortest paths that pricing and improving schedules was worth.
    private(set) var work = 0

    /// No schedule is cheaper, as far as is known: none needs to be improved that costs no more.
    var lowerBound = -Double.infinity

    private let network: ChainNetwork
    /// More than any schedule costs.
    private let ceiling: Double
    private let onImprovement: ((ChainSchedule, Double) -> Void)?

    init(_ network: ChainNetwork, onImprovement: ((ChainSchedule, Double) -> Void)?) {
        self.network = network
        ceiling = network.ceiling()
        self.onImprovement = onImprovement
    }

    /// Only schedules below this are looked for.
    var threshold: Double {
        guard let best else { return ceiling }
        return best.objective - Self.tolerance * abs(best.objective)
    }

    /// Takes a schedule where it keeps all limits and is the best so far. True where it keeps all limits.
    @discardableResult
    func offer(_ schedule: ChainSchedule, repairs: Bool = false) -> Bool {
        offers += 1
        let isKept = take(schedule)
        guard repairs, let repaired = withOneMode(schedule) else { return isKept }
        offers += 1
        return take(repaired) || isKept
    }

    private func take(_ schedule: ChainSchedule) -> Bool {
        work += ChainLocalSearch.workOfPrice * schedule.steps.count
        guard let objective = network.limits.objective(of: schedule, in: network.program) else { return false }
        guard objective < best?.objective ?? .infinity else { return true }
        accept(schedule, objective)
        guard threshold > lowerBound else { return true }
        var search = ChainLocalSearch(network)
        defer { work += search.work }
        if let better = search.improve(schedule, objective: objective) { accept(better.schedule, better.objective) }
        return true
    }

    private func accept(_ schedule: ChainSchedule, _ objective: Double) {
        guard objective < best?.objective ?? .infinity else { return }
        best = (schedule, objective)
        onImprovement?(schedule, objective)
    }

    /// The same with each device at the mode of most of its layers; nil where each has one mode already.
    private func withOneMode(_ schedule: ChainSchedule) -> ChainSchedule? {
        var layers = [Int](repeating: 0, count: network.modeCount)
        for step in schedule.steps { layers[step.mode] += step.length }
        var changed = false
        var steps = schedule.steps
        for index in steps.indices {
            let modes = network.modesOf[network.deviceOf[steps[index].mode]]
            guard let most = modes.max(by: { layers[$0] < layers[$1] }), most != steps[index].mode else { continue }
            steps[index].mode = most
            changed = true
        }
        return changed ? ChainSchedule(steps) : nil
    }
}
