import Costs

/// When a new plan is sought, and when it is taken: a pure decision on numbers.
public struct ReplanPolicy: Hashable, Sendable {
    /// Part of the incumbent's latency that a new plan must save.
    public var margin = 0.05 { didSet { precondition(margin >= 0) } }
    /// Change of a link's bandwidth, relative to the old figure, that is worth a solve.
    public var linkMargin = 0.2 { didSet { precondition(linkMargin > 0) } }
    /// Change of a device's speed or memory, relative to the old figure, that is worth a solve.
    public var deviceMargin = 0.1 { didSet { precondition(deviceMargin > 0) } }
    /// A plan stays at least this long, unless it cannot run any more or somebody asks.
    public var dwell: Duration = .seconds(5) { didSet { precondition(dwell >= .zero) } }
    /// The time within which a change must have saved what it took, at full load.
    public var payback: Duration = .seconds(60) { didSet { precondition(payback > .zero) } }

    public init() {}

    /// A decision, with the sentence and the figures that explain it.
    public struct Decision: Hashable, Sendable {
        public var adopt: Bool
        public var explanation: String
        public var numbers: PlanNumbers
    }

    /// Takes the new plan or stays.
    ///
    /// - Parameters:
    ///   - latencyS: predicted for the new plan.
    ///   - incumbentLatencyS: predicted for the plan in force with today's figures; nil where none can run.
    ///   - moveS: what the change takes; nil where unknown, then the payback is not judged.
    ///   - sameAssignment: the new plan gives every layer to the device that has it already.
    public func decide(
        latencyS: Double, incumbentLatencyS: Double?, moveS: Double?, sameAssignment: Bool
    ) -> Decision {
        func decision(_ adopt: Bool, _ explanation: String, gain: Double?) -> Decision {
            Decision(
                adopt: adopt, explanation: explanation,
                numbers: PlanNumbers(
                    latencyS: latencyS, incumbentLatencyS: incumbentLatencyS, gain: gain, margin: margin, moveS: moveS))
        }
        guard let incumbentLatencyS, incumbentLatencyS > 0, incumbentLatencyS.isFinite else {
            return decision(true, "no plan in force can run", gain: nil)
        }
        let gain = (incumbentLatencyS - latencyS) / incumbentLatencyS
        if sameAssignment {
            return decision(false, "the plan found is the one in force", gain: gain)
        }
        let percent = (gain * 1000).rounded() / 10
        if !(gain > margin) {
            return decision(
                false, "the plan found saves \(percent) % of the latency, less than the margin of \(margin * 100) %",
                gain: gain)
        }
        let saved = gain * payback.inSeconds
        if let moveS, moveS > saved {
            let rounded = (saved * 100).rounded() / 100
            return decision(
                false, "the change takes \(moveS) s and would save \(rounded) s within the payback time", gain: gain)
        }
        return decision(true, "the plan found saves \(percent) % of the latency", gain: gain)
    }

    /// What changed enough between two views of the boards to be worth a solve. Both sorted by node.
    public func changes(from old: [NodeCapabilities], to new: [NodeCapabilities]) -> [ReplanReason] {
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
            reasons += linkChanges(of: board.node, from: before.links, to: board.links)
        }
        return reasons
    }

    private func deviceChange(from old: [Device], to new: [Device]) -> String? {
        if old.map(\.id).sorted() != new.map(\.id).sorted() { return "its devices are others" }
        for device in new {
            guard let before = old.first(where: { $0.id == device.id }) else { continue }
            if exceeds(before.flops, device.flops, deviceMargin) { return "the speed of \(device.id)" }
            if exceeds(Double(before.memoryBytes), Double(device.memoryBytes), deviceMargin) {
                return "the memory of \(device.id)"
            }
        }
        return nil
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
