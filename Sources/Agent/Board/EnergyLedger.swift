import Cluster

/// What an inference of the plan in force takes of this board's energy, out of the board's meter. Pure.
///
/// The meter knows nothing of inferences. Over a time in which `n` of them passed, what the board took above its idle
/// power was theirs; and each holds the board for its latency, at idle power, as plans count it (dissertation,
/// chapter 8). So E = (E_meter - P_idle T) / n + P_idle L. Periods fade, so that the figure follows changes while
/// one period's border, which cuts inferences in two, does not show.
package struct EnergyLedger: Sendable {
    /// What a period counts for after the next one.
    package static let fading = 0.9
    /// Inferences below which nothing is said.
    package static let leastRuns = 5.0

    private struct Sums {
        var energyJ = 0.0
        var timeS = 0.0
        var runs = 0.0
        /// As last told.
        var totalRuns = 0
    }

    private var plan: PlanID?
    private var sums = Sums()
    private var since: Duration?

    package init() {}

    /// - Parameters:
    ///   - plan: the one plan that runs here; nil where there is none or several, whose shares nobody could tell apart.
    ///   - totalRuns: inferences that passed since the plan was committed.
    ///   - meter: what the board took from an instant to the meter's last look, and when that was (nil: it does not
    ///     know); asked only where it counts.
    package mutating func period(
        plan: PlanID?, totalRuns: Int, now: Duration,
        meter: (_ from: Duration) async -> (energyJ: Double, until: Duration)?
    ) async {
        guard let plan, plan == self.plan, let from = since, totalRuns >= sums.totalRuns else {
            since = now
            self.plan = plan
            sums = Sums(totalRuns: totalRuns)
            return
        }
        let runs = totalRuns - sums.totalRuns
        sums.totalRuns = totalRuns
        guard let (energyJ, until) = await meter(from) else {
            since = now
            return
        }
        since = until
        sums.energyJ = sums.energyJ * Self.fading + energyJ
        sums.timeS = sums.timeS * Self.fading + (until - from).inSeconds
        sums.runs = sums.runs * Self.fading + Double(runs)
    }

    /// Joule for one inference; nil while too few have passed.
    ///
    /// - Parameters:
    ///   - idlePowerW: of the board.
    ///   - latencyS: of one inference.
    package func perInferenceJ(_ plan: PlanID, idlePowerW: Double, latencyS: Double) -> Double? {
        guard plan == self.plan, sums.runs >= Self.leastRuns else { return nil }
        return max(0, sums.energyJ - idlePowerW * sums.timeS) / sums.runs + idlePowerW * latencyS
    }
}
