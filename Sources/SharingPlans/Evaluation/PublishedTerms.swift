import Sharing

/// What each operator takes where all devices go from operator to operator in step (GenEFlow's fitness function; also
/// the terms that FlexPie adds up).
///
/// For operator v on device d let F(v,d) be the FLOP of d's region and m(v,d,e) the bytes that d needs for it, does not
/// own, and gets from e. Then
///
///     term(v) = max over d of ( F(v,d) / speed(d) + sum over e of m(v,d,e) / B(e,d) )
///     latency = sum over v of term(v)
///
/// The last term is the way of the results to the destination; the papers leave it out. Latencies of links, and
/// transfers that overlap with compute, are not in this model; `SharedSchedule` has both.
public struct PublishedTerms: Equatable, Sendable {
    /// One for each operator, in the graph's order, then one for the results.
    public let termsS: [Double]

    public var latencyS: Double { termsS.reduce(0, +) }

    public init(_ transfers: Transfers, _ shared: SharedGraph, _ cluster: SharingCluster) {
        let count = shared.graph.operators.count
        var busy = [[Double]](repeating: [Double](repeating: 0, count: cluster.deviceCount), count: count + 1)
        for (position, row) in transfers.needs.enumerated() {
            for (device, needs) in row.enumerated() {
                if let needs { busy[position][device] = cluster.computeS(needs.flop, on: device) }
            }
        }
        for transfer in transfers.all {
            busy[transfer.consumer][transfer.to] += cluster.movingS(
                shared.byteCount(TensorRegion(transfer.tensor, transfer.region)), from: transfer.from, to: transfer.to)
        }
        termsS = busy.map { $0.max() ?? 0 }
    }
}
