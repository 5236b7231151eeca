import Costs

/// Which idle link is looked at next, and with how much: so that a link that no plan uses is known as well, and a plan
/// can come back to it. Pure.
public enum ProbeSchedule {
    /// A link that showed itself within this time is left alone.
    public static let period: Duration = .seconds(15)
    /// One in doubt is looked at again after this time.
    public static let doubtPeriod: Duration = .seconds(2)
    /// The transmission that a probe aims at.
    public static let transmissionS = 0.02
    public static let leastBytes = LinkEstimator.largeFrameBytes
    public static let mostBytes = 1 << 20

    public struct Link: Sendable, Equatable {
        public var peer: NodeID
        /// When a transfer last told a bandwidth (nil: never).
        public var measuredAt: Duration?
        public var bandwidthBytesPerS: Double?
        /// When it was last loaded for this (nil: never); the answer may never have come.
        public var probedAt: Duration?
        /// Nothing is on its way over it.
        public var isQuiet: Bool
        /// The last transfer was unlike those before it (`LinkEstimator.isInDoubt`).
        public var isInDoubt: Bool

        public init(
            peer: NodeID, measuredAt: Duration?, bandwidthBytesPerS: Double?, probedAt: Duration? = nil, isQuiet: Bool,
            isInDoubt: Bool = false
        ) {
            self.peer = peer
            self.measuredAt = measuredAt
            self.bandwidthBytesPerS = bandwidthBytesPerS
            self.probedAt = probedAt
            self.isQuiet = isQuiet
            self.isInDoubt = isInDoubt
        }
    }

    /// At most one probe at a time leaves a board. A link in doubt comes first, then the one that was silent longest.
    public static func next(_ links: [Link], now: Duration) -> (peer: NodeID, bytes: Int)? {
        func isOver(_ last: Duration?, _ wait: Duration) -> Bool { last.map { now - $0 >= wait } ?? true }
        let due = links.filter { link in
            link.isQuiet
                && (link.isInDoubt || wasTooFast(link)
                    ? isOver(link.probedAt, doubtPeriod)
                    : isOver(link.probedAt, period) && isOver(link.measuredAt, period))
        }
        // One that never answers must not keep the others waiting.
        func last(_ link: Link) -> Duration { [link.measuredAt, link.probedAt].compactMap(\.self).max() ?? .zero }
        let chosen = due.min { left, right in
            if left.isInDoubt != right.isInDoubt { return left.isInDoubt }
            return last(left) != last(right) ? last(left) < last(right) : left.peer < right.peer
        }
        return chosen.map { ($0.peer, wasTooFast($0) ? LinkEstimator.surelyLargeBytes : bytes($0.bandwidthBytesPerS)) }
    }

    /// The first probe was answered before it could tell anything: only a larger one can.
    private static func wasTooFast(_ link: Link) -> Bool {
        link.isQuiet && link.probedAt != nil && link.bandwidthBytesPerS == nil
    }

    private static func bytes(_ bandwidthBytesPerS: Double?) -> Int {
        guard let bandwidthBytesPerS, bandwidthBytesPerS.isFinite else { return leastBytes }
        return Int(min(max(bandwidthBytesPerS * transmissionS, Double(leastBytes)), Double(mostBytes)))
    }
}
