import Sharing

/// What one device computes of one operator.
public struct SharePart: Hashable, Sendable {
    /// Of the operator in the graph.
    public let position: Int
    /// Of the operator's first output, not empty.
    public let region: Region
    public let device: Int

    public init(position: Int, region: Region, device: Int) {
        self.position = position
        self.region = region
        self.device = device
    }
}

/// Bytes on their way from one device to another.
public struct ShareMessage: Hashable, Sendable {
    public let byteCount: Int
    public let from: Int
    public let to: Int

    public init(byteCount: Int, from: Int, to: Int) {
        self.byteCount = byteCount
        self.from = from
        self.to = to
    }
}

/// Times of parts and messages as somebody measured or estimated them, in place of FLOP / speed and bytes / bandwidth
/// (FlexPie's cost estimator).
///
/// A search asks for all that it may need at once, each question once.
public protocol ShareTiming: Sendable {
    /// Seconds that each part takes; nil where nothing is known of it: FLOP / speed counts then.
    func computeS(_ parts: [SharePart], of shared: SharedGraph) throws(SharingError) -> [Double?]
    /// Seconds that each message takes; nil where nothing is known of it: bytes / bandwidth counts then.
    func movingS(_ messages: [ShareMessage], on cluster: SharingCluster) throws(SharingError) -> [Double?]
}

/// What a `ShareTiming` answered.
package struct ShareTimes: Sendable {
    package private(set) var computeS: [SharePart: Double] = [:]
    package private(set) var movingS: [ShareMessage: Double] = [:]
    /// Parts and messages of which nothing was known.
    package private(set) var unknownCount = 0

    init(
        _ timing: any ShareTiming, parts: [SharePart], messages: [ShareMessage], _ shared: SharedGraph,
        _ cluster: SharingCluster
    ) throws(SharingError) {
        for (part, time) in zip(parts, try timing.computeS(parts, of: shared)) {
            if let time { computeS[part] = time } else { unknownCount += 1 }
        }
        for (message, time) in zip(messages, try timing.movingS(messages, on: cluster)) {
            if let time { movingS[message] = time } else { unknownCount += 1 }
        }
    }
}
