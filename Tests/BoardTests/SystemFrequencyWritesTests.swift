import Board
import Testing

/// The pure decision: every state and wish of a small clock.
@Suite struct SystemFrequencyWritesTests {
    private let units = [600, 700, 800, 900]

    private func domain(
        _ kind: FrequencyDomain.Kind, governors: [String] = ["ondemand", "performance"], grid: Bool = false
    )
        -> FrequencyDomain
    {
        let unitHz = kind == .cpuPolicy ? 1000.0 : 1
        return FrequencyDomain(
            kind: kind, name: "clock",
            path: kind == .cpuPolicy ? "/sys/devices/system/cpu/cpufreq/policy0" : "/sys/class/devfreq/clock",
            frequenciesHz: units.map { Double($0) * unitHz }, isGrid: grid, hardwareMinimumHz: 600 * unitHz,
            hardwareMaximumHz: 900 * unitHz, governor: "ondemand", governors: governors)
    }

    /// Carries the writes out; nil as soon as the least limit is above the greatest.
    private func after(_ writes: [FrequencyWrite], _ domain: FrequencyDomain, _ state: FrequencyState)
        -> FrequencyState?
    {
        var state = state
        for write in writes {
            switch write.path {
            case domain.minimumPath: state.minimum = Int(write.value)
            case domain.maximumPath: state.maximum = Int(write.value)
            case domain.governorPath: state.governor = write.value
            default: state.setSpeed = Int(write.value)
            }
            guard let minimum = state.minimum, let maximum = state.maximum, minimum <= maximum else { return nil }
        }
        return state
    }

    @Test(arguments: FrequencyDomain.Kind.allCases)
    func `for every state and wish the limits never cross, the wish is in force, and the originals lead back`(
        kind: FrequencyDomain.Kind
    ) throws {
        let domain = domain(kind)
        for minimum in units {
            for maximum in units where minimum <= maximum {
                for governor in ["ondemand", "performance", "userspace"] {
                    let state = FrequencyState(
                        minimum: minimum, maximum: maximum, governor: governor,
                        setSpeed: governor == "userspace" ? 700 : nil)
                    for wish in [1, 599, 600, 649, 700, 751, 800, 900, 901, 5000] {
                        let wishHz = Double(wish * domain.unitHz)
                        let plan = try FrequencyWrites.plan(wishHz, domain: domain, state: state)
                        let result = try #require(after(plan.writes, domain, state), "\(minimum) \(maximum) \(wish)")
                        #expect(Double(result.maximum ?? 0) * Double(domain.unitHz) == plan.targetHz)
                        #expect(domain.frequenciesHz.contains(plan.targetHz))
                        #expect(domain.frequenciesHz.allSatisfy { abs($0 - wishHz) >= abs(plan.targetHz - wishHz) })
                        #expect((plan.clampedWhy == nil) == (plan.targetHz == wishHz))
                        #expect(Set(plan.writes.map(\.path)).isSubset(of: Set(plan.originals.map(\.path))))
                        switch kind {
                        case .cpuPolicy: #expect(result.governor == "performance")
                        case .devfreq:
                            #expect(result.minimum == result.maximum)
                            #expect(result.governor == governor)
                        }
                        var expected = FrequencyOutcome.applied(frequencyHz: plan.targetHz)
                        if let why = plan.clampedWhy { expected = .clamped(frequencyHz: plan.targetHz, why: why) }
                        #expect(FrequencyWrites.verdict(plan, domain: domain, after: result) == expected)
                        // Asked again, nothing is left to do.
                        #expect(try FrequencyWrites.plan(wishHz, domain: domain, state: result).writes.isEmpty)
                    }
                }
            }
        }
    }

    @Test func `what is lower than written is throttling, and what else differs is named`() throws {
        let domain = domain(.cpuPolicy)
        var state = FrequencyState(minimum: 600, maximum: 900, governor: "ondemand")
        let plan = try FrequencyWrites.plan(800_000, domain: domain, state: state)
        state = FrequencyState(minimum: 600, maximum: 700, governor: "performance")
        guard case .throttled(let frequencyHz, let why) = FrequencyWrites.verdict(plan, domain: domain, after: state)
        else {
            Issue.record("not throttled")
            return
        }
        #expect(frequencyHz == 700_000 && why.contains("reads 0.7 MHz"))
        state.maximum = 800
        state.governor = "ondemand"
        guard case .clamped(800_000, let reason) = FrequencyWrites.verdict(plan, domain: domain, after: state) else {
            Issue.record("not clamped")
            return
        }
        #expect(reason.contains("'ondemand' and not 'performance'"))
        state.maximum = nil
        guard case .refused = FrequencyWrites.verdict(plan, domain: domain, after: state) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func `a clock without a list takes any frequency within its range, and small rounding is no throttling`()
        throws
    {
        let domain = domain(.cpuPolicy, grid: true)
        let state = FrequencyState(minimum: 600, maximum: 900, governor: "performance")
        let plan = try FrequencyWrites.plan(733_000, domain: domain, state: state)
        #expect(plan.targetHz == 733_000 && plan.clampedWhy == nil)
        let rounded = FrequencyState(minimum: 600, maximum: 700, governor: "performance")
        guard case .clamped(700_000, _) = FrequencyWrites.verdict(plan, domain: domain, after: rounded) else {
            Issue.record("not clamped")
            return
        }
    }

    @Test func `a governor that the kernel does not have is not written`() throws {
        let domain = domain(.cpuPolicy, governors: ["schedutil"])
        let state = FrequencyState(minimum: 600, maximum: 900, governor: "schedutil")
        let plan = try FrequencyWrites.plan(800_000, domain: domain, state: state)
        #expect(plan.writes == [FrequencyWrite(domain.maximumPath, "800")])
        let result = FrequencyState(minimum: 600, maximum: 800, governor: "schedutil")
        #expect(FrequencyWrites.verdict(plan, domain: domain, after: result) == .applied(frequencyHz: 800_000))
    }

    @Test func `what could not be put back is not changed, and what is no frequency is refused`() {
        let domain = domain(.cpuPolicy)
        for state in [
            FrequencyState(minimum: 600, governor: "ondemand"), FrequencyState(maximum: 900, governor: "ondemand"),
            FrequencyState(minimum: 600, maximum: 900),
        ] {
            #expect(throws: BoardFault.self) {
                try FrequencyWrites.plan(700_000, domain: domain, state: state)
            }
        }
        let state = FrequencyState(minimum: 600, maximum: 900, governor: "ondemand")
        for wish in [0, -1, .nan, .infinity, 1e300] {
            #expect(throws: BoardFault.self) { try FrequencyWrites.plan(wish, domain: domain, state: state) }
        }
    }
}
