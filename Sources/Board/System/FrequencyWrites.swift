/// What to write for a frequency, and what was there before.
public struct FrequencyPlan: Sendable, Equatable {
    /// What will be in force, in Hz: the nearest that is allowed.
    public var targetHz: Double
    /// Why it is not what was asked for (nil: it is).
    public var clampedWhy: String?
    /// In order; after each of them the least limit is at most the greatest.
    public var writes: [FrequencyWrite]
    /// What is there now, of every file that the writes change.
    public var originals: [FrequencyWrite]

    public init(
        targetHz: Double, clampedWhy: String? = nil, writes: [FrequencyWrite], originals: [FrequencyWrite]
    ) {
        self.targetHz = targetHz
        self.clampedWhy = clampedWhy
        self.writes = writes
        self.originals = originals
    }
}

/// Decides what is written for a frequency; does nothing itself.
///
/// A CPU policy gets the governor `performance` and the frequency as its `scaling_max_freq`, as in the dissertation,
/// chapter 8. A device of devfreq gets it as its least and its greatest frequency.
public enum FrequencyWrites {
    static let performance = "performance"
    /// Where the kernel lists no frequencies it rounds what is written; more than this part lower is throttling.
    static let roundingPart = 0.05

    /// - Throws: ``BoardFault`` where a file's content is unknown, so that it could not be put back, and for a wish
    ///   that is no frequency.
    public static func plan(
        _ wishHz: Double, domain: FrequencyDomain, state: FrequencyState
    ) throws(BoardFault) -> FrequencyPlan {
        let (target, why) = try target(wishHz, domain: domain)
        guard let maximum = state.maximum else { throw unknown(domain.maximumPath) }
        var writes: [FrequencyWrite] = []
        var originals: [FrequencyWrite] = []
        func change(_ path: String, _ value: Int, from original: Int) {
            guard value != original else { return }
            writes.append(FrequencyWrite(path, "\(value)"))
            originals.append(FrequencyWrite(path, "\(original)"))
        }
        switch domain.kind {
        case .cpuPolicy:
            guard let minimum = state.minimum else { throw unknown(domain.minimumPath) }
            guard let governor = state.governor else { throw unknown(domain.governorPath) }
            if minimum > target { change(domain.minimumPath, target, from: minimum) }
            change(domain.maximumPath, target, from: maximum)
            // Last, so that the clock never rises above the old and the new limit in between.
            if governor != performance, domain.governors.contains(performance) {
                if governor == "userspace", let path = domain.folder.setSpeedPath, let speed = state.setSpeed {
                    originals.append(FrequencyWrite(path, "\(speed)"))
                }
                writes.append(FrequencyWrite(domain.governorPath, performance))
                originals.append(FrequencyWrite(domain.governorPath, governor))
            }
        case .devfreq:
            guard let minimum = state.minimum else { throw unknown(domain.minimumPath) }
            if target < minimum {
                change(domain.minimumPath, target, from: minimum)
                change(domain.maximumPath, target, from: maximum)
            } else {
                change(domain.maximumPath, target, from: maximum)
                change(domain.minimumPath, target, from: minimum)
            }
        }
        return FrequencyPlan(
            targetHz: Double(target) * Double(domain.unitHz), clampedWhy: why, writes: writes, originals: originals)
    }

    /// What the files say after the writes of a plan were made.
    public static func verdict(
        _ plan: FrequencyPlan, domain: FrequencyDomain, after state: FrequencyState
    ) -> FrequencyOutcome {
        guard let maximum = state.maximum else { return .refused(unknown(domain.maximumPath)) }
        let maximumHz = Double(maximum) * Double(domain.unitHz)
        if maximumHz < plan.targetHz {
            let rounded = domain.isGrid && maximumHz >= plan.targetHz * (1 - roundingPart)
            if !rounded {
                return .throttled(
                    frequencyHz: maximumHz,
                    why: "\(domain.maximumPath) was set to \(megahertz(plan.targetHz)) and reads "
                        + "\(megahertz(maximumHz)): the kernel holds the clock lower")
            }
        }
        if maximumHz != plan.targetHz {
            return .clamped(
                frequencyHz: maximumHz,
                why: "\(domain.maximumPath) was set to \(megahertz(plan.targetHz)) and reads \(megahertz(maximumHz))")
        }
        if domain.kind == .devfreq, let minimum = state.minimum, minimum != maximum {
            return .clamped(
                frequencyHz: maximumHz,
                why: "\(domain.minimumPath) reads \(megahertz(Double(minimum))): the clock may go below "
                    + megahertz(maximumHz))
        }
        if domain.kind == .cpuPolicy, domain.governors.contains(performance), state.governor != performance {
            return .clamped(
                frequencyHz: maximumHz,
                why: "\(domain.governorPath) reads '\(state.governor ?? "nothing")' and not '\(performance)': the "
                    + "clock may go below \(megahertz(maximumHz))")
        }
        if let why = plan.clampedWhy { return .clamped(frequencyHz: maximumHz, why: why) }
        return .applied(frequencyHz: maximumHz)
    }

    /// The order in which originals of one folder are put back, so that the limits never cross on the way.
    static func restoration(
        _ originals: [FrequencyWrite], of folder: FrequencyFolder, state: FrequencyState
    ) -> [FrequencyWrite] {
        func original(_ path: String?) -> FrequencyWrite? { originals.first { $0.path == path } }
        let minimum = original(folder.minimumPath)
        let maximum = original(folder.maximumPath)
        // Older kernels show 0 where devfreq has no upper limit.
        let maximumUnits = maximum.flatMap { Int($0.value) }.map { $0 == 0 ? Int.max : $0 }
        let maximumFirst = maximumUnits.map { $0 >= state.minimum ?? 0 } ?? true
        // The governor first: `performance` would follow the limits up.
        return [
            original(folder.governorPath), maximumFirst ? maximum : minimum, maximumFirst ? minimum : maximum,
            original(folder.setSpeedPath),
        ].compactMap { $0 }
    }

    /// The nearest frequency that is allowed, in the domain's unit, and why it is not the wish.
    static func target(
        _ wishHz: Double, domain: FrequencyDomain
    ) throws(BoardFault) -> (units: Int, why: String?) {
        guard wishHz.isFinite, wishHz > 0, wishHz <= Double(BoardLimits.frequencyHz.upperBound),
            !domain.frequenciesHz.isEmpty
        else {
            throw BoardFault(domain.path, .absurd, "\(wishHz) Hz is no frequency", remedy: ["ask for one above 0 Hz"])
        }
        func units(_ hz: Double) -> Int { Int((hz / Double(domain.unitHz)).rounded()) }
        let (lowestHz, highestHz) = (domain.hardwareMinimumHz, domain.hardwareMaximumHz)
        let withinHz = min(max(wishHz, lowestHz), highestHz)
        var nearestHz = withinHz
        if !domain.isGrid {
            nearestHz = domain.frequenciesHz[0]
            for hz in domain.frequenciesHz where abs(hz - withinHz) < abs(nearestHz - withinHz) { nearestHz = hz }
        }
        guard units(nearestHz) != units(wishHz) else { return (units(nearestHz), nil) }
        let why =
            withinHz != wishHz
            ? "the kernel allows \(megahertz(lowestHz)) to \(megahertz(highestHz))"
            : "the kernel lists \(megahertz(nearestHz)) as the nearest"
        return (units(nearestHz), "\(megahertz(wishHz)) was asked for, but \(why)")
    }

    private static func unknown(_ path: String) -> BoardFault {
        BoardFault(
            path, .missing, "what it says is unknown",
            consequence: "it could not be put back, so the frequency stays as it is",
            remedy: ["see lamella doctor for the reason"])
    }

    /// A frequency within a sentence, to a tenth of a MHz.
    public static func megahertz(_ hz: Double) -> String {
        let tenths = (hz / 1e5).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths)) MHz" : "\(tenths) MHz"
    }
}
