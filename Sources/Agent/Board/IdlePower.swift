import Costs

/// What a board really draws while it serves nothing, out of its meter. Pure.
///
/// The idle power that is stated is that of a board at rest. A board of a cluster never rests wholly: its agent
/// listens, talks and measures. Plans pay for what a board draws while it waits, so that they count what the meter
/// says of the times in which no request passed.
package struct IdlePower: Sendable {
    /// Periods that are remembered.
    package static let window = 15
    /// Periods before anything is said.
    package static let leastPeriods = 5
    /// A power that differs by less than this part from the one announced is not worth a message.
    package static let announcedChange = 0.05
    /// What is outside these parts of the power that is stated is something else than rest: a sensor of a part of the
    /// board, or a program beside the agent.
    package static let plausibleParts = 0.8...1.5

    private var powersW: [Double] = []
    private var totalRuns: Int?
    private var since: Duration?
    /// The period before, whose power counts once it is clear that no request was under way.
    private var waitingW: Double?
    package private(set) var announcedW: Double?

    package init() {}

    /// - Parameters:
    ///   - totalRuns: inferences that passed here, in all plans.
    ///   - statedW: nil: the board says nothing of its idle power, and nothing is learned.
    ///   - meter: what the board took from an instant to the meter's last look, and when that was (nil: it does not
    ///     know).
    /// - Returns: true where `announcedW` is another than before.
    package mutating func period(
        totalRuns: Int, statedW: Double?, now: Duration,
        meter: (_ from: Duration) -> (energyJ: Double, until: Duration)?
    ) -> Bool {
        let isQuiet = totalRuns == self.totalRuns
        self.totalRuns = totalRuns
        guard let statedW, statedW > 0, isQuiet, let from = since, let (energyJ, until) = meter(from), until > from
        else {
            since = now
            waitingW = nil
            return false
        }
        since = until
        defer { waitingW = energyJ / (until - from).inSeconds }
        guard let waitingW, Self.plausibleParts.contains(waitingW / statedW) else { return false }
        powersW.append(waitingW)
        if powersW.count > Self.window { powersW.removeFirst() }
        guard powersW.count >= Self.leastPeriods else { return false }
        let medianW = powersW.sorted()[powersW.count / 2]
        let before = announcedW ?? statedW
        guard abs(medianW - before) > Self.announcedChange * before else { return false }
        announcedW = medianW
        return true
    }
}

extension Device {
    /// Waits at this power from now on, or at that of its slowest clock: to compute never takes less than to wait.
    package mutating func rest(atPowerW powerW: Double) {
        idlePowerW = points.compactMap(\.computePowerW).reduce(powerW, min)
    }
}
