import Sharing

/// MoDNN: rows of every operator in proportion to the devices' speeds.
///
/// The paper's source scatters every layer's input and gathers its output. Here only what a device needs and does not
/// own moves, which is never more.
enum MoDNN {
    static func plan(_ shared: SharedGraph, _ cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        try SharingPlan(.moDNN, scheme: .proportional(.rows, cluster.speeds), shared, cluster)
    }
}
