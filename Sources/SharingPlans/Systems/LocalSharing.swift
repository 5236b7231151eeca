import Sharing

/// Everything on the source; what the others must beat.
enum LocalSharing {
    static func plan(_ shared: SharedGraph, _ cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        try SharingPlan(
            .local, scheme: .whole(on: cluster.source, of: cluster.deviceCount), shared, cluster)
    }
}
