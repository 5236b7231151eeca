import Cluster

/// What waits for a disk that takes nothing, and when it is tried again. Pure.
package struct UnkeptPromises: Sendable {
    package static let retryPeriod: Duration = .seconds(1)
    /// Of this board's own changes; there is one at a time for each model and plan, and few of all else.
    package static let maximumWaiting = 256

    /// Why the disk takes nothing; nil while it does.
    package private(set) var fault: String?
    private var triedAt: Duration = .zero
    private var waiting: [ClusterInput] = []

    package init() {}

    package var isEmpty: Bool { waiting.isEmpty }

    /// Would nobody say it again? What others said they repeat, and a tick follows a tick.
    package static func mustKeep(_ input: ClusterInput) -> Bool {
        switch input {
        case .tick, .message, .nodeState, .capabilitiesHeard, .modelHeard, .leaderHeard, .planHeard, .planRetracted,
            .storageChanged:
            false
        default: true
        }
    }

    /// - Returns: what to say where too many wait already and this one is lost.
    package mutating func keep(_ input: ClusterInput) -> String? {
        // Only the last word on what the board can do counts.
        if case .capabilitiesChanged = input {
            waiting.removeAll { if case .capabilitiesChanged = $0 { true } else { false } }
        }
        guard waiting.count < Self.maximumWaiting else {
            return "a change was lost: \(waiting.count) wait for the disk already, the limit; restart the agent when "
                + "there is room"
        }
        waiting.append(input)
        return nil
    }

    /// - Returns: true where this is news.
    package mutating func refused(_ why: String, now: Duration) -> Bool {
        defer { fault = why }
        triedAt = now
        return fault == nil
    }

    package func isRetryDue(now: Duration) -> Bool { fault != nil && now - triedAt >= Self.retryPeriod }

    /// When the next tick shall come while the disk takes nothing, nil while it does. No sooner: one that was refused
    /// is due at once, and would be refused at once. No later: a member that knows of no broker yet may want none. And
    /// whatever comes meanwhile: what is put off with every message is never done.
    package func nextTick(after last: Duration) -> Duration? { fault == nil ? nil : last + Self.retryPeriod }

    /// There is room again.
    ///
    /// - Returns: what waited, in order.
    package mutating func recovered() -> [ClusterInput] {
        defer { waiting = [] }
        fault = nil
        return waiting
    }
}
