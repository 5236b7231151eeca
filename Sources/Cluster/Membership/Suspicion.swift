import Costs

/// How long a suspect has to refute: less, the more nodes suspect it independently
/// (Dadgar, Phillips, Currey: "Lifeguard", 2018, section IV-B).
public struct Suspicion: Hashable, Sendable {
    public private(set) var startedAt: Duration
    /// Upper bound from a last will; nil without one.
    public private(set) var lastWillDeadline: Duration?
    /// Sorted.
    public private(set) var suspectedBy: [NodeID]

    public init(startedAt: Duration, by node: NodeID?) {
        self.startedAt = startedAt
        self.suspectedBy = node.map { [$0] } ?? []
    }

    /// Returns true when the node had not been counted yet.
    public mutating func confirm(by node: NodeID) -> Bool {
        guard !suspectedBy.contains(node), suspectedBy.count < ClusterLimits.members else { return false }
        suspectedBy.append(node)
        suspectedBy.sort()
        return true
    }

    public mutating func lastWill(deadline: Duration) {
        lastWillDeadline = min(lastWillDeadline ?? deadline, deadline)
    }

    public mutating func shift(by delay: Duration) {
        startedAt += delay
        lastWillDeadline? += delay
    }

    /// When the suspect counts as dead. `others` is the number of live members that could confirm.
    public func deadline(_ settings: MembershipSettings, others: Int) -> Duration {
        let needed = min(settings.suspicionConfirmations, others)
        let confirmations = max(0, suspectedBy.count - 1)
        let timeout: Duration
        if needed == 0 || confirmations >= needed {
            timeout = settings.suspicionMinimum
        } else {
            // Lifeguard's logarithm, in whole steps: each confirmation takes an ever smaller share of the way down.
            let share = logarithm(Double(confirmations + 1)) / logarithm(Double(needed + 1))
            timeout = settings.suspicionMaximum - (settings.suspicionMaximum - settings.suspicionMinimum) * share
        }
        let deadline = startedAt + timeout
        return lastWillDeadline.map { min($0, deadline) } ?? deadline
    }

    /// Binary logarithm of a small number, good enough for a ratio, without a mathematics library.
    private func logarithm(_ value: Double) -> Double {
        Double(value.exponent) + (value.significand - 1)
    }
}
