import Costs

/// When a new plan is sought, and when it is taken: a pure decision on numbers.
public struct ReplanPolicy: Hashable, Sendable {
    /// Part of the incumbent's value (latency, energy, carbon, cycle) that a new plan must save.
    public var margin = 0.05 { didSet { precondition(margin >= 0) } }
    /// Change of a link's bandwidth, relative to the old figure, that is worth a solve.
    public var linkMargin = 0.2 { didSet { precondition(linkMargin > 0) } }
    /// Change of a device's speed or memory, relative to the old figure, that is worth a solve.
    public var deviceMargin = 0.1 { didSet { precondition(deviceMargin > 0) } }
    /// Change of a grid zone's intensity, relative to the old figure, that is worth a solve where carbon counts.
    public var carbonMargin = 0.1 { didSet { precondition(carbonMargin >= 0) } }
    /// A plan stays at least this long, unless it cannot run any more or somebody asks.
    public var dwell: Duration = .seconds(5) { didSet { precondition(dwell >= .zero) } }
    /// Changes of plan, for reasons that can wait, within any `switchWindow`.
    public var switchesPerWindow = 2 { didSet { precondition(switchesPerWindow > 0) } }
    public var switchWindow: Duration = .seconds(60) { didSet { precondition(switchWindow >= .zero) } }
    /// The time within which a change must have saved what it took, at full load.
    public var payback: Duration = .seconds(60) { didSet { precondition(payback > .zero) } }

    public init() {}

    /// A decision, with the sentence and the figures that explain it.
    public struct Decision: Hashable, Sendable {
        public var adopt: Bool
        public var explanation: String
        public var numbers: PlanNumbers
    }

    /// Two plans, and the way from one to the other, in the unit of what shall be least.
    public struct Comparison: Hashable, Sendable {
        public var objective: Objective
        /// Predicted for the new plan.
        public var value: Double
        /// Predicted for the plan in force with today's figures; nil where it cannot stay.
        public var incumbentValue: Double?
        /// Why the plan in force cannot stay (nil: there is none that could run).
        public var incumbentFault: String?
        public var latencyS: Double
        public var incumbentLatencyS: Double?
        /// From one inference to the next at full load under the new plan.
        public var cycleS: Double
        /// What the change takes; nil where unknown, then the payback is not judged.
        public var moveS: Double?
        /// The same in joule or gram, where that is the objective's unit.
        public var moveValue: Double?

        public init(_ solved: SolvedPlan) {
            let plan = solved.plan
            objective = plan.objective
            value = plan.value ?? .nan
            incumbentValue = solved.incumbent?.value
            incumbentFault = solved.incumbentFault
            latencyS = plan.latencyS
            incumbentLatencyS = solved.incumbent?.latencyS
            cycleS = plan.cycleS ?? plan.latencyS
            moveS = solved.move?.timeS
            moveValue = solved.move?.value(plan.objective)
        }

        /// Of latencies.
        public init(latencyS: Double, incumbentLatencyS: Double?, moveS: Double?) {
            objective = .latency
            value = latencyS
            incumbentValue = incumbentLatencyS
            self.latencyS = latencyS
            self.incumbentLatencyS = incumbentLatencyS
            cycleS = latencyS
            self.moveS = moveS
            moveValue = moveS
        }
    }

    /// Takes the new plan of least latency or stays.
    public func decide(
        latencyS: Double, incumbentLatencyS: Double?, moveS: Double?, sameAssignment: Bool
    ) -> Decision {
        decide(
            Comparison(latencyS: latencyS, incumbentLatencyS: incumbentLatencyS, moveS: moveS),
            sameAssignment: sameAssignment)
    }

    /// Takes the new plan or stays.
    ///
    /// - Parameter sameAssignment: the new plan gives every layer to the device that has it already.
    public func decide(_ plans: Comparison, sameAssignment: Bool) -> Decision {
        let isTimed = plans.objective == .latency || plans.objective == .throughput
        func decision(_ adopt: Bool, _ explanation: String, gain: Double?) -> Decision {
            Decision(
                adopt: adopt, explanation: explanation,
                numbers: PlanNumbers(
                    latencyS: plans.latencyS, incumbentLatencyS: plans.incumbentLatencyS, objective: plans.objective,
                    value: plans.value, incumbentValue: plans.incumbentValue, gain: gain, margin: margin,
                    moveS: plans.moveS, moveValue: isTimed ? nil : plans.moveValue))
        }
        guard let incumbent = plans.incumbentValue, incumbent >= 0, incumbent.isFinite else {
            return decision(
                true, plans.incumbentFault.map { "the plan in force cannot stay: \($0)" } ?? "no plan in force can run",
                gain: nil)
        }
        // Where nothing is left to save, nothing is saved.
        let gain = incumbent > 0 ? (incumbent - plans.value) / incumbent : 0
        if sameAssignment {
            return decision(false, "the plan found is the one in force", gain: gain)
        }
        let percent = (gain * 1000).rounded() / 10
        let what = plans.objective.figure
        if !(gain > margin) {
            return decision(
                false, "the plan found saves \(percent) % of the \(what), less than the margin of \(margin * 100) %",
                gain: gain)
        }
        // Time saved within the payback time; else what its inferences save, as many as fit.
        let saved =
            isTimed ? gain * payback.inSeconds : (incumbent - plans.value) * payback.inSeconds / plans.cycleS
        if let move = isTimed ? plans.moveS : plans.moveValue, move > saved {
            let unit = plans.objective.unit
            return decision(
                false,
                "the change takes \(Self.rounded(move)) \(unit) and would save \(Self.rounded(saved)) \(unit) within "
                    + "the payback time", gain: gain)
        }
        return decision(true, "the plan found saves \(percent) % of the \(what)", gain: gain)
    }

    /// Three digits that count.
    private static func rounded(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        var scale = 1.0
        while abs(value) * scale < 100, scale < 1e15 { scale *= 10 }
        return (value * scale).rounded() / scale
    }

    /// Zones of the boards whose intensity changed enough to be worth a solve, among those known before or now.
    public func carbonChanges(
        from old: [ZoneIntensity], to new: [ZoneIntensity], zones: Set<String>
    ) -> [ReplanReason] {
        zones.sorted().compactMap { zone in
            let before = old.first { $0.zone == zone }
            let after = new.first { $0.zone == zone }
            if let before, let after, before.factor == after.factor,
                !exceeds(before.intensityGPerKwh, after.intensityGPerKwh, carbonMargin)
            {
                return nil
            }
            if before == nil, after == nil { return nil }
            return .carbonChanged(
                zone: zone, wasGPerKwh: before?.intensityGPerKwh, nowGPerKwh: after?.intensityGPerKwh)
        }
    }

    /// What changed enough between two views of the boards to be worth a solve. Both sorted by node.
    ///
    /// - Parameter model: whose paces count (nil: none do).
    public func changes(
        from old: [NodeCapabilities], to new: [NodeCapabilities], model: String? = nil
    ) -> [ReplanReason] {
        var reasons: [ReplanReason] = []
        for board in new where !old.contains(where: { $0.node == board.node }) {
            reasons.append(.boardJoined(board.node))
        }
        for board in old where !new.contains(where: { $0.node == board.node }) {
            reasons.append(.boardLeft(board.node))
        }
        for board in new {
            guard let before = old.first(where: { $0.node == board.node }) else { continue }
            if before.version == board.version { continue }
            if let what = deviceChange(from: before.devices, to: board.devices) {
                reasons.append(.devicesChanged(board.node, what: what))
            }
            if before.profiles != board.profiles {
                reasons.append(.devicesChanged(board.node, what: "the measured times of layers"))
            }
            if let model {
                reasons += paceChanges(of: board, since: before, model: model)
                for (what, was, now) in [
                    ("messages of shared plans", before.messages, board.messages),
                    ("requests beside their layers", before.requestCosts, board.requestCosts),
                ] where changed(was, now, model: model) {
                    reasons.append(.devicesChanged(board.node, what: "the time that \(what) take"))
                }
            }
            reasons += linkChanges(of: board.node, from: before.links, to: board.links)
        }
        return reasons
    }

    /// Boards of which nothing is out of order any more; both sorted by node.
    func recovered(from old: [NodeCapabilities], to new: [NodeCapabilities]) -> [NodeID] {
        new.filter { board in
            board.conditions == nil && old.contains { $0.node == board.node && $0.conditions != nil }
        }.map(\.node)
    }

    private func deviceChange(from old: [Device], to new: [Device]) -> String? {
        if old.map(\.id).sorted() != new.map(\.id).sorted() { return "its devices are others" }
        for device in new {
            guard let before = old.first(where: { $0.id == device.id }) else { continue }
            if exceeds(before.flops, device.flops, deviceMargin) { return "the speed of \(device.id)" }
            if exceeds(Double(before.memoryBytes), Double(device.memoryBytes), deviceMargin) {
                return "the memory of \(device.id)"
            }
            if before.computePowerW != device.computePowerW || before.idlePowerW != device.idlePowerW
                || before.transferPower != device.transferPower || before.operatingPoints != device.operatingPoints
            {
                return "the powers or clocks of \(device.id)"
            }
            if before.zone != device.zone || before.intensityGPerKwh != device.intensityGPerKwh {
                return "the grid of \(device.id)"
            }
        }
        return nil
    }

    private func paceChanges(
        of board: NodeCapabilities, since before: NodeCapabilities, model: String
    ) -> [ReplanReason] {
        (board.paces ?? []).filter { $0.model == model }.compactMap { pace in
            let known = before.paces?.pace(
                of: model, on: pace.device, frequencyHz: pace.frequencyHz, isShared: pace.shared == true)
            let was = known?.ratio ?? 1
            guard exceeds(was, pace.ratio, deviceMargin) else { return nil }
            return .paceChanged(board.node, pace.device, wasRatio: was, nowRatio: pace.ratio)
        }
    }

    private func changed(_ before: [WaitCost]?, _ after: [WaitCost]?, model: String) -> Bool {
        func eachS(_ costs: [WaitCost]?) -> Double { costs?.first { $0.model == model }?.eachS ?? 0 }
        let (was, now) = (eachS(before), eachS(after))
        guard abs(now - was) > WaitBook.announcedChangeS else { return false }
        // What only fades is not worth a search for every step of it.
        return now < was ? now < was / 2 : exceeds(was, now, deviceMargin)
    }

    private func linkChanges(
        of node: NodeID, from old: [LinkMeasurement], to new: [LinkMeasurement]
    ) -> [ReplanReason] {
        new.prefix(ClusterLimits.linksPerBoard).compactMap { link in
            let before = old.first { $0.peer == link.peer }?.bandwidthBytesPerS
            if let before, !exceeds(before, link.bandwidthBytesPerS, linkMargin) { return nil }
            return .linkChanged(
                node, link.peer, wasBytesPerS: before, nowBytesPerS: link.bandwidthBytesPerS)
        }
    }

    private func exceeds(_ old: Double, _ new: Double, _ margin: Double) -> Bool {
        abs(new - old) > margin * max(abs(old), .leastNormalMagnitude)
    }
}

extension Objective {
    /// What the objective makes least, within a sentence.
    var figure: String {
        switch self {
        case .latency: "latency"
        case .energy: "energy"
        case .carbon: "carbon"
        case .throughput: "time between results"
        }
    }
}
