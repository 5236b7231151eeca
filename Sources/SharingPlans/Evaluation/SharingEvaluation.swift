import Sharing

/// What an assignment costs on a cluster. Every way to share is priced here, whoever found it.
public struct SharingEvaluation: Equatable, Sendable {
    /// By `SharedSchedule`.
    public let latencyS: Double
    /// By `PublishedTerms`.
    public let publishedLatencyS: Double
    /// Time that each device computes.
    public let computeS: [Double]
    /// Weights and live regions of each device, by `SharedMemory`.
    public let peakBytes: [Int]
    /// Weights of each device.
    public let weightBytes: [Int]
    /// All that moves between devices.
    public let transferBytes: Int
    /// Bytes beyond what the devices offer, summed; 0 where the plan fits.
    public let excessBytes: Int

    public var fits: Bool { excessBytes == 0 }

    /// Throws where the assignment is not one for the graph or the cluster.
    public init(
        _ assignment: SharedAssignment, _ shared: SharedGraph, on cluster: SharingCluster
    ) throws(SharingError) {
        try assignment.verify(shared)
        guard assignment.deviceCount == cluster.deviceCount, assignment.source == cluster.source,
            assignment.destination == cluster.destination
        else {
            throw SharingError(
                "the assignment is for \(assignment.deviceCount) devices from \(assignment.source) to "
                    + "\(assignment.destination), the cluster has \(cluster.deviceCount) from \(cluster.source) to "
                    + "\(cluster.destination)")
        }
        self.init(try Transfers(assignment, shared), shared, cluster)
    }

    /// The same, where the assignment is verified and its transfers are known.
    init(_ transfers: Transfers, _ shared: SharedGraph, _ cluster: SharingCluster) {
        let schedule = SharedSchedule(transfers, shared, cluster)
        let memory = SharedMemory(transfers, schedule, shared, cluster)
        latencyS = schedule.latencyS
        publishedLatencyS = PublishedTerms(transfers, shared, cluster).latencyS
        computeS = cluster.devices.indices.map { device in
            transfers.needs.reduce(0) { $0 + cluster.computeS($1[device]?.flop ?? 0, on: device) }
        }
        peakBytes = cluster.devices.indices.map(memory.peakBytes)
        weightBytes = memory.weightBytes
        transferBytes = transfers.byteCount(shared)
        excessBytes = zip(peakBytes, cluster.devices).reduce(0) { sum, pair in
            sum + max(0, pair.0 - (pair.1.memoryBytes ?? pair.0))
        }
    }
}
