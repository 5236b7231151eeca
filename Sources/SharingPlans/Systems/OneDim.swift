import Sharing

/// Equal shares along one dimension of every operator, rounded up, and an exchange after each: the One-dim baselines of
/// the FlexPie paper (InH, InW, OutC).
enum OneDim {
    static func plan(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ cut: SharingScheme.Cut
    ) throws(SharingError) -> SharingPlan {
        let system: SharingSystem =
            switch cut {
            case .columns: .oneDimW
            case .channels: .oneDimC
            default: .oneDimH
            }
        return try SharingPlan(system, scheme: .equal(cut, of: cluster.deviceCount), shared, cluster)
    }
}
