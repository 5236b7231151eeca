import Sharing

/// DeepThings: the first layers fused, a grid of equal tiles on the last fused result, no exchange before it; the rest
/// on the source.
///
/// Tiles are found by the paper's recursion (`FusedTile`). One tile for each device, so that no device steals tiles and
/// none reuses a neighbour's. How many layers are fused the paper leaves to the user; here one number after the other
/// is tried, until some device computes longer for the fused layers than the best plan takes, and the plan of least
/// latency is taken.
enum DeepThings {
    static func plan(_ shared: SharedGraph, _ cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        let plain = PlainLayouts(
            [.equal(.grid, of: cluster.deviceCount), .whole(on: cluster.source, of: cluster.deviceCount)], shared,
            cluster)
        let ends = LayerStarts.positions(shared).dropFirst() + [shared.graph.operators.count]
        let table = PartTable(shared)
        var pricer = table.map { AssignmentPricer($0, cluster) }
        var best: (latencyS: Double, layouts: [SharedLayout])?
        for end in ends {
            // Behind the first operator that has no rows and columns nothing is fused.
            guard !plain.isRefused(0, end - 1) else { break }
            var fused = FusedRegions(shared, plain, scheme: 0, end: end) { position, region, exact in
                FusedTile.inputs(position, region, exact, in: shared.graph)
            }
            while fused.next >= 0, fused.extend() {}
            guard fused.steps.count == end else { continue }
            let computeS = cluster.devices.indices.map { device in
                fused.steps.reduce(0) { $0 + cluster.computeS($1.needs[device]?.flop ?? 0, on: device) }
            }
            // More layers in a segment make its tiles no smaller.
            if let best, computeS.max() ?? 0 > best.latencyS { break }
            let layouts = fused.steps.reversed().map(\.layout) + plain.layouts[1][end...]
            let latencyS: Double
            if let table, let numbers = table.numbers(layouts), let price = pricer?.price(numbers) {
                latencyS = price.latencyS
            } else {
                latencyS = try SharingPlan(.deepThings, layouts, shared, cluster).evaluation.latencyS
            }
            if latencyS < best?.latencyS ?? .infinity { best = (latencyS, layouts) }
        }
        if let best { return try SharingPlan(.deepThings, best.layouts, shared, cluster) }
        return try SharingPlan(
            .deepThings, plain.layouts[1], refusals: [plain.refusals[0].first ?? nil].compactMap(\.self), shared,
            cluster)
    }
}
