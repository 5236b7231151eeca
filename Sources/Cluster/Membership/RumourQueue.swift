import Costs

/// What a rumour is about. The queue keeps subjects only; the news is looked up when it is sent, so it is never stale.
public enum RumourSubject: Hashable, Comparable, Sendable {
    case member(NodeID)
    case capabilities(NodeID)
    case model(String)

    var isHeavy: Bool {
        if case .member = self { return false }
        return true
    }
}

/// Rumours that still spread, those sent least first (SWIM, section 4.1: piggybacking with a bounded count).
public struct RumourQueue: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        var subject: RumourSubject
        var sent: Int
    }

    /// Sorted by count, then in the order in which they came.
    private var entries: [Entry] = []

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// Starts to spread news of the subject, anew when it is already spreading.
    public mutating func add(_ subject: RumourSubject) {
        entries.removeAll { $0.subject == subject }
        let place = entries.firstIndex { $0.sent > 0 } ?? entries.count
        entries.insert(Entry(subject: subject, sent: 0), at: place)
    }

    public mutating func remove(_ subject: RumourSubject) {
        entries.removeAll { $0.subject == subject }
    }

    /// The subjects for one message, counted as sent. A subject sent `limit` times leaves the queue.
    public mutating func take(light: Int, heavy: Int, limit: Int) -> [RumourSubject] {
        guard !entries.isEmpty else { return [] }
        var taken: [RumourSubject] = []
        var lightLeft = light
        var heavyLeft = heavy
        for index in entries.indices {
            if entries[index].subject.isHeavy {
                guard heavyLeft > 0 else { continue }
                heavyLeft -= 1
            } else {
                guard lightLeft > 0 else { continue }
                lightLeft -= 1
            }
            entries[index].sent += 1
            taken.append(entries[index].subject)
            if lightLeft == 0 && heavyLeft == 0 { break }
        }
        entries.removeAll { $0.sent >= limit }
        // Stable: equal counts keep their order.
        entries = entries.enumerated().sorted { left, right in
            (left.element.sent, left.offset) < (right.element.sent, right.offset)
        }.map(\.element)
        return taken
    }

    /// How often a rumour is sent in a cluster of this size.
    public static func limit(multiplier: Int, members: Int) -> Int {
        let bits = UInt.bitWidth - UInt(max(1, members)).leadingZeroBitCount
        return multiplier * max(1, bits)
    }
}
