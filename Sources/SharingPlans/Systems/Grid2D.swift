import Sharing

/// Equal cells of rows and columns of every operator, rounded up, and an exchange after each: the 2D-grid baseline of
/// the FlexPie paper.
enum Grid2D {
    static func plan(_ shared: SharedGraph, _ cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        try SharingPlan(.grid2D, scheme: .equal(.grid, of: cluster.deviceCount), shared, cluster)
    }
}
