import Cluster
import Costs

/// What the broker tells of grid zones, and of the boards in them.
public struct ObservedCarbon: Sendable, Equatable {
    /// The newest record of each zone, sorted by zone; expired ones included.
    public private(set) var zones: [ZoneCarbon] = []
    /// What boards take their own electricity to emit, sorted by board.
    public private(set) var boards: [NodeCarbon] = []

    public init() {}

    /// Takes a message in. A record older than the one known is dropped, as boards do; so is what is beyond
    /// ``ClusterLimits/zones`` and ``ObservedCluster/maximumEntries``.
    public mutating func apply(_ message: InboundMessage) {
        switch message {
        case .zoneCarbon(let record):
            if let known = zones.firstIndex(where: { $0.zone == record.zone }) {
                guard
                    (UTCTime.secondsSince1970(record.at) ?? 0) >= (UTCTime.secondsSince1970(zones[known].at) ?? 0)
                else { return }
                zones[known] = record
            } else if zones.count < ClusterLimits.zones {
                zones.insert(record, at: zones.firstIndex { $0.zone > record.zone } ?? zones.count)
            }
        case .nodeCarbon(let record):
            boards.removeAll { $0.node == record.node }
            guard boards.count < ObservedCluster.maximumEntries else { return }
            boards.insert(record, at: boards.firstIndex { $0.node > record.node } ?? boards.count)
        case .cleared(.zoneCarbon(let zone)): zones.removeAll { $0.zone == zone }
        case .cleared(.nodeCarbon(let node)): boards.removeAll { $0.node == node }
        default: break
        }
    }
}
