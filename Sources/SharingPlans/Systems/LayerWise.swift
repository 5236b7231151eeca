import Sharing

/// The best dimension for each layer, with an exchange after each: the layer-wise baseline of the FlexPie paper.
enum LayerWise {
    /// Nil where the time is up before it is done.
    static func search(
        _ shared: SharedGraph, _ cluster: SharingCluster, until isTimeUp: () -> Bool
    ) throws(SharingError) -> SharingPlan? {
        let search = SegmentSearch(
            shared, cluster, FlexPie.schemes(cluster.deviceCount), longest: 1)
        guard let found = search.run(until: isTimeUp) else { return nil }
        return try SharingPlan(.layerWise, found, shared, cluster)
    }
}
