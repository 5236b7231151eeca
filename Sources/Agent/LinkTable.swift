import Cluster
import Costs

/// What this board knows of the network to each peer: the configuration's figure until transfers have shown one.
package struct LinkTable: Sendable, Equatable {
    /// A measurement that differs by less than this from the one announced is not worth a message.
    package static let announcedChange = 0.05
    /// Peers remembered; measurements of further ones are dropped.
    package static let maximumPeers = 64

    private var configured: [NodeID: LinkMeasurement]
    private var measured: [NodeID: LinkMeasurement] = [:]

    package init(configured links: [AgentConfiguration.PeerLink]) {
        configured = Self.table(links)
    }

    package mutating func replaceConfigured(_ links: [AgentConfiguration.PeerLink]) { configured = Self.table(links) }

    /// Takes over what transfers have shown.
    ///
    /// - Parameter at: RFC 3339 UTC.
    /// - Returns: true where the board should announce it.
    package mutating func observe(_ peer: NodeID, bandwidthBytesPerS: Double?, latencyS: Double?, at time: String)
        -> Bool
    {
        let known = measured[peer] ?? configured[peer]
        guard let bandwidth = bandwidthBytesPerS ?? known?.bandwidthBytesPerS, bandwidth.isFinite, bandwidth > 0 else {
            return false
        }
        guard measured[peer] != nil || measured.count < Self.maximumPeers else { return false }
        let latency = latencyS ?? known?.latencyS ?? 0
        guard latency.isFinite, latency >= 0 else { return false }
        if let before = measured[peer],
            !Self.differs(before.bandwidthBytesPerS, bandwidth, floor: 0),
            !Self.differs(before.latencyS, latency, floor: 0.001)
        {
            return false
        }
        measured[peer] = LinkMeasurement(
            peer: peer, bandwidthBytesPerS: bandwidth, latencyS: latency, source: LinkMeasurement.passive,
            measuredAt: time)
        return true
    }

    /// One entry for each peer, sorted by peer.
    package var announced: [LinkMeasurement] {
        Set(configured.keys).union(measured.keys).sorted().compactMap { measured[$0] ?? configured[$0] }
    }

    private static func differs(_ before: Double, _ after: Double, floor: Double) -> Bool {
        abs(after - before) > max(announcedChange * before, floor)
    }

    private static func table(_ links: [AgentConfiguration.PeerLink]) -> [NodeID: LinkMeasurement] {
        var table: [NodeID: LinkMeasurement] = [:]
        for link in links.prefix(maximumPeers) {
            table[link.peer] = LinkMeasurement(
                peer: link.peer, bandwidthBytesPerS: link.bandwidthBytesPerS, latencyS: link.latencyS,
                source: LinkMeasurement.configured)
        }
        return table
    }
}

extension LinkMeasurement {
    /// The source of a figure that stands in the board's configuration.
    public static let configured = "configured"
    /// The source of a figure that transfers of requests and weights have shown.
    public static let passive = "passive"
}
