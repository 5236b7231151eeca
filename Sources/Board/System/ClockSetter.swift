import Costs
import Glibc

/// Sets the clocks of a device for a measurement, waits until they are in force, and sees whether they stay so.
///
/// Puts back what it found by ``FrequencyControl``, whose journal survives the process. Calls block.
public struct ClockSetter: Sendable {
    public enum Answer: Sendable, Equatable {
        case inForce
        /// For now: the board is hot, or the clock does not follow.
        case notInForce(String)
        case refused(String)
    }

    /// For the clock to follow its new limit.
    public static let settleLimit = Duration.seconds(2)
    /// Clocks are rounded, where the kernel lists none, and counted by hardware.
    public static let tolerance = 0.05

    public let control: FrequencyControl
    /// All are set together; the one with the highest clock counts as the device's.
    public let domains: [FrequencyDomain]

    /// Nil where the device has no clock.
    public init?(control: FrequencyControl, domains: [FrequencyDomain]) {
        guard !domains.isEmpty else { return nil }
        self.control = control
        self.domains = domains.sorted { $0.hardwareMaximumHz > $1.hardwareMaximumHz }
    }

    /// What may be asked for, ascending, in Hz.
    public var frequenciesHz: [Double] { domains[0].frequenciesHz }

    /// Why a clock cannot be asked for; nil where it can.
    public func fault(_ frequencyHz: Double) -> String? {
        let lead = domains[0]
        let range = lead.hardwareMinimumHz...max(lead.hardwareMinimumHz, lead.hardwareMaximumHz)
        if lead.isGrid ? range.contains(frequencyHz) : lead.frequenciesHz.contains(frequencyHz) { return nil }
        let list =
            lead.isGrid
            ? "anything from \(FrequencyWrites.megahertz(range.lowerBound)) to "
                + FrequencyWrites.megahertz(range.upperBound)
            : lead.frequenciesHz.map { FrequencyWrites.megahertz($0) }.joined(separator: ", ")
        return "\(FrequencyWrites.megahertz(frequencyHz)) is no clock of \(lead.name); it has \(list)"
    }

    /// Sets the clock and waits for it.
    ///
    /// - Parameter keepBusy: some work on the device; an idle one may run lower. It is called once or more.
    public func set(_ frequencyHz: Double, keepBusy: () throws -> Void) rethrows -> Answer {
        for domain in domains {
            switch control.apply(frequencyHz, to: domain) {
            case .applied: break
            case .clamped(let actualHz, let why):
                // Smaller clusters of cores get the nearest that they have.
                if domain == domains[0], !Self.isNear(actualHz, frequencyHz) { return .refused(why) }
            case .throttled(_, let why): return .notInForce(why)
            case .refused(let fault): return .refused(fault.description)
            case .handsOff: return .refused("frequencies are not to be changed here")
            }
        }
        let deadline = ContinuousClock.now + Self.settleLimit
        while true {
            try keepBusy()
            let answer = check(frequencyHz)
            if answer == .inForce || ContinuousClock.now >= deadline { return answer }
            usleep(10_000)
        }
    }

    /// Is the clock that was set still in force? Ask while the device is busy, or has just been.
    public func check(_ frequencyHz: Double) -> Answer {
        let state = control.state(of: domains[0])
        let unitHz = Double(domains[0].unitHz)
        guard let maximum = state.maximum else {
            return .notInForce("\(domains[0].maximumPath) tells no frequency any more")
        }
        guard Self.isNear(Double(maximum) * unitHz, frequencyHz) else {
            return .notInForce(
                "\(domains[0].maximumPath) was set to \(FrequencyWrites.megahertz(frequencyHz)) and reads "
                    + "\(FrequencyWrites.megahertz(Double(maximum) * unitHz)): the kernel holds the clock lower")
        }
        // Where it does not tell its clock, its limit has to do.
        guard let currentHz = state.currentHz, !Self.isNear(currentHz, frequencyHz) else { return .inForce }
        return .notInForce(
            "\(domains[0].currentPath) reads \(FrequencyWrites.megahertz(currentHz)) and not "
                + FrequencyWrites.megahertz(frequencyHz))
    }

    private static func isNear(_ actualHz: Double, _ wantedHz: Double) -> Bool {
        abs(actualHz - wantedHz) <= wantedHz * tolerance
    }
}
