import Sharing

/// FlexPie: for each layer equal shares of rows, columns or output channels or a grid, and whether its result is
/// exchanged (T) or the halo that the next layer needs is computed redundantly (NT); exact by dynamic programming over
/// segments between exchanges (`SegmentSearch`).
///
/// The halo grows backwards through every NT layer of a segment. Its costs are the terms of `PublishedTerms`; with a
/// `ShareTiming` computing and messages take what that says, as in the paper, which estimates them from traces.
package enum FlexPie {
    package static func schemes(_ deviceCount: Int) -> [SharingScheme] {
        let cuts: [SharingScheme.Cut] = [.rows, .columns, .channels, .grid]
        return cuts.map { .equal($0, of: deviceCount) }
    }

    /// Nil where the time is up before it is done.
    static func search(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ timing: (any ShareTiming)? = nil,
        until isTimeUp: () -> Bool
    ) throws(SharingError) -> SharingPlan? {
        var search = SegmentSearch(shared, cluster, schemes(cluster.deviceCount))
        if let timing { try search.use(timing) }
        guard let found = search.run(until: isTimeUp) else { return nil }
        return try SharingPlan(.flexPie, found, shared, cluster)
    }
}
