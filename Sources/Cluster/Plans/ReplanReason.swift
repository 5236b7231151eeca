import Costs

/// Why the leader thinks of a new plan.
public enum ReplanReason: Hashable, Sendable, CustomStringConvertible {
    case noPlan
    case leaderChanged(Term)
    case participantLost(NodeID, why: String)
    case refused(NodeID, why: String)
    case boardJoined(NodeID)
    case boardLeft(NodeID)
    case devicesChanged(NodeID, what: String)
    /// What the device was measured to take for the model, against what it announces.
    case paceChanged(NodeID, DeviceID, wasRatio: Double, nowRatio: Double)
    case linkChanged(NodeID, NodeID, wasBytesPerS: Double?, nowBytesPerS: Double?)
    /// Grams of CO2 equivalent for a kilowatt-hour; nil: not known.
    case carbonChanged(zone: String, wasGPerKwh: Double?, nowGPerKwh: Double?)
    case goalChanged
    case modelChanged(version: UInt64)
    case requested(ReplanRequest)

    public var description: String {
        switch self {
        case .noPlan: "no plan is in force"
        case .leaderChanged(let term): "leadership \(term) began"
        case .participantLost(let node, let why): "board \(node) was lost: \(why)"
        case .refused(let node, let why): "board \(node) refused: \(why)"
        case .boardJoined(let node): "board \(node) joined"
        case .boardLeft(let node): "board \(node) left"
        case .devicesChanged(let node, let what): "board \(node) changed: \(what)"
        case .paceChanged(_, let device, let was, let now):
            "\(device) was measured to take \(Self.text(now)) times as long as announced, not \(Self.text(was)) times"
        case .linkChanged(let from, let to, let was, let now):
            "link \(from)-\(to) changed from \(Self.rate(was)) to \(Self.rate(now))"
        case .carbonChanged(let zone, let was?, nil):
            "carbon of zone \(zone) expired; it was \(Self.text(was)) g/kWh"
        case .carbonChanged(let zone, let was, let now):
            "carbon of zone \(zone) from \(Self.text(was)) to \(Self.text(now)) g/kWh"
        case .goalChanged: "the leader's configuration asks for other plans"
        case .modelChanged(let version): "the model is now version \(version)"
        case .requested(let request): "asked for: \(request.reason ?? "no reason given")"
        }
    }

    var isOfCarbon: Bool {
        if case .carbonChanged = self { return true }
        return false
    }

    /// May this reason wait out the dwell time?
    public var canWait: Bool {
        switch self {
        case .boardJoined, .boardLeft, .devicesChanged, .paceChanged, .linkChanged, .leaderChanged, .carbonChanged: true
        case .goalChanged, .noPlan, .participantLost, .refused, .modelChanged, .requested: false
        }
    }

    /// Does it tell the same figure as another reason, only later?
    func supersedes(_ older: ReplanReason) -> Bool {
        switch (self, older) {
        case (.linkChanged(let from, let to, _, _), .linkChanged(let olderFrom, let olderTo, _, _)):
            from == olderFrom && to == olderTo
        case (.paceChanged(let node, let device, _, _), .paceChanged(let olderNode, let olderDevice, _, _)):
            node == olderNode && device == olderDevice
        default: self == older
        }
    }

    /// Can it only make another plan better, and not the plan in force worse?
    ///
    /// - Parameter participants: the boards of the plan in force.
    func isOpportunity(beside participants: [NodeID]) -> Bool {
        switch self {
        case .linkChanged(let from, let to, let was?, let now?):
            now > was || !participants.contains(from) || !participants.contains(to)
        case .linkChanged(let from, let to, _, _): !participants.contains(from) || !participants.contains(to)
        case .paceChanged(let node, _, let was, let now): now < was || !participants.contains(node)
        case .noPlan, .leaderChanged, .participantLost, .refused, .boardJoined, .boardLeft, .devicesChanged,
            .carbonChanged, .goalChanged, .modelChanged, .requested:
            false
        }
    }

    private static func rate(_ bytesPerS: Double?) -> String {
        guard let bytesPerS else { return "unknown" }
        if bytesPerS >= 1e6 { return "\(rounded(bytesPerS / 1e6)) MB/s" }
        if bytesPerS >= 1e3 { return "\(rounded(bytesPerS / 1e3)) kB/s" }
        return "\(rounded(bytesPerS)) B/s"
    }

    private static func text(_ value: Double?) -> String {
        guard let value else { return "unknown" }
        let rounded = rounded(value)
        return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
