import Sharing

/// AOFL: rows in proportion to speed, and the points of exchange between fused layers that cost least, by dynamic
/// programming.
enum AOFL {
    /// Nil where the time is up before it is done.
    static func search(
        _ shared: SharedGraph, _ cluster: SharingCluster, until isTimeUp: () -> Bool
    ) throws(SharingError) -> SharingPlan? {
        let search = SegmentSearch(shared, cluster, [.proportional(.rows, cluster.speeds)])
        guard let found = search.run(until: isTimeUp) else { return nil }
        return try SharingPlan(.aofl, found, shared, cluster)
    }
}
