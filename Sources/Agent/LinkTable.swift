import Cluster
import Costs

/// What this board knows of the network to each peer: the configuration's figure until transfers have shown one.
package struct LinkTable: Sendable, Equatable {
    /// A measurement that differs by less than this from the one announced is not worth a message.
    package static let announcedChange = 0.05
    /// Nor is one that changes the time of a large transfer by less than a scheduler does.
    package static let announcedTransfer = (bytes: 1_000_000.0, changeS: 0.001)
    /// What got worse is announced at once; what got better, since nothing suffers meanwhile, only so long after the
    /// last announcement of the link: noise of fast links would else cost every board messages and searches.
    package static let improvementWait: Duration = .seconds(15)
    /// A runner that has just begun, beside others that load as it does, has seen less of a link than whoever measured
    /// or configured it before: its bandwidth counts only after so many transfers.
    package static let believedTransfers = 3
    /// Peers remembered; measurements of further ones are dropped.
    package static let maximumPeers = 64

    private var configured: [NodeID: LinkMeasurement]
    private var measured: [NodeID: LinkMeasurement] = [:]
    private var announcedAt: [NodeID: Duration] = [:]

    package init(configured links: [AgentConfiguration.PeerLink]) {
        configured = Self.table(links)
    }

    package mutating func replaceConfigured(_ links: [AgentConfiguration.PeerLink]) { configured = Self.table(links) }

    /// Takes over what transfers have shown.
    ///
    /// - Parameters:
    ///   - transferCount: how many told it, since the runner began or since boards that shared left it in doubt.
    ///   - at: RFC 3339 UTC.
    ///   - now: since any fixed origin.
    /// - Returns: true where the board should announce it.
    package mutating func observe(
        _ peer: NodeID, bandwidthBytesPerS: Double?, latencyS: Double?, transferCount: Int, at time: String,
        now: Duration
    ) -> Bool {
        let known = measured[peer] ?? configured[peer]
        let isBelieved = known == nil || transferCount >= Self.believedTransfers
        if bandwidthBytesPerS != nil, !isBelieved, measured[peer] == nil { return false }
        guard let bandwidth = (isBelieved ? bandwidthBytesPerS : nil) ?? known?.bandwidthBytesPerS, bandwidth.isFinite,
            bandwidth > 0
        else { return false }
        guard measured[peer] != nil || measured.count < Self.maximumPeers else { return false }
        let latency = latencyS ?? known?.latencyS ?? 0
        guard latency.isFinite, latency >= 0 else { return false }
        if let before = measured[peer] {
            let bandwidthDiffers = Self.bandwidthDiffers(before.bandwidthBytesPerS, bandwidth)
            let latencyDiffers = Self.latencyDiffers(before.latencyS, latency)
            guard bandwidthDiffers || latencyDiffers else { return false }
            let isWorse =
                bandwidthDiffers && bandwidth < before.bandwidthBytesPerS || latencyDiffers && latency > before.latencyS
            if !isWorse, let last = announcedAt[peer], now - last < Self.improvementWait { return false }
        }
        announcedAt[peer] = now
        measured[peer] = LinkMeasurement(
            peer: peer, bandwidthBytesPerS: bandwidth, latencyS: latency, source: LinkMeasurement.passive,
            measuredAt: time)
        return true
    }

    /// One entry for each peer, sorted by peer.
    package var announced: [LinkMeasurement] {
        Set(configured.keys).union(measured.keys).sorted().compactMap { measured[$0] ?? configured[$0] }
    }

    private static func bandwidthDiffers(_ before: Double, _ after: Double) -> Bool {
        let transfer = announcedTransfer
        return abs(after - before) > announcedChange * before
            && abs(transfer.bytes / after - transfer.bytes / before) > transfer.changeS
    }

    private static func latencyDiffers(_ before: Double, _ after: Double) -> Bool {
        abs(after - before) > max(announcedChange * before, announcedTransfer.changeS)
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
