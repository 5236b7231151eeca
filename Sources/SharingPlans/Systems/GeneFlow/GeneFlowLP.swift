import Planning
import Sharing

/// GenEFlow's cut points by a linear program instead of a genetic algorithm: for a pattern of dimensions the shares of
/// `ShareRelaxation`, rounded, then moved element by element while that helps (`SharingDescent`).
///
/// Patterns: the dimension of each operator's class, channels wherever they can be cut, and what layer-wise dynamic
/// programming takes; each with all devices and with the fastest alone. Without a solver, shares begin in proportion to
/// speed.
enum GeneFlowLP {
    /// Beyond so many layers a program takes seconds, and shares begin in proportion to speed.
    static let layersMost = 260
    /// Parts of operators that are priced at most while shares are moved.
    static let workMost = 400_000

    static func plan(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ options: SharingOptions
    ) throws(SharingError) -> SharingPlan {
        let starts = LayerStarts.positions(shared)
        let bounds = starts + [shared.graph.operators.count]
        let layers = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        guard let table = PartTable(shared) else {
            throw SharingError("geneflow-lp does not take tensors of more than \(Box.axesMost) axes")
        }
        var descent = SharingDescent(
            table, cluster, PlainLayouts([], shared, cluster), starts: starts, work: 0, options)
        var found: [(score: SharingDescent.Score, layouts: [SharedLayout])] = []
        for choices in patterns(shared, cluster, layers) {
            if options.timeIsUp, !found.isEmpty { break }
            for layouts in candidates(ShareRelaxation(shared, cluster, layers, choices), options) {
                try descent.begin(layouts)
                found.append((descent.score, layouts))
            }
        }
        let order = found.indices.sorted {
            (found[$0].score.excessBytes, found[$0].score.latencyS, $0) < (
                found[$1].score.excessBytes, found[$1].score.latencyS, $1
            )
        }
        guard let first = order.first else {
            return try SharingPlan(
                .geneFlowLP, scheme: .whole(on: cluster.source, of: cluster.deviceCount), shared, cluster)
        }
        var best = found[first]
        // The first may use half of the work, and the next half of what is left.
        var work = workMost
        for index in order where work > workMost / 8 {
            descent.workLeft = work / 2
            try descent.begin(found[index].layouts)
            descent.run()
            work -= work / 2 - descent.workLeft
            if descent.score < best.score { best = (descent.score, descent.layouts) }
        }
        return try SharingPlan(.geneFlowLP, best.layouts, shared, cluster)
    }

    /// Layouts of a pattern: those of the program's solution and those by speed.
    static func candidates(_ relaxation: ShareRelaxation, _ options: SharingOptions) -> [[SharedLayout]] {
        var candidates: [[SharedLayout]] = []
        if relaxation.layers.count <= layersMost, !options.timeIsUp, let solver = options.solver,
            let solution = try? solver.least(of: relaxation.program, within: options.leftS),
            let layouts = relaxation.layouts(solution)
        {
            candidates.append(layouts)
        }
        if let layouts = relaxation.proportionalLayouts() { candidates.append(layouts) }
        return candidates
    }

    private static func patterns(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ layers: [Range<Int>]
    ) -> [[ShareRelaxation.Choice]] {
        let ranked = cluster.devices.indices.sorted {
            (-cluster.speeds[$0], $0 == cluster.source ? -1 : $0) < (
                -cluster.speeds[$1], $1 == cluster.source ? -1 : $1
            )
        }
        let count = cluster.deviceCount
        let sizes = Set([count, (count + 1) / 2, 2]).filter { $0 <= count && $0 > 1 }.sorted(by: >)
        let schemes =
            [SharingScheme.Cut.rows, .columns, .channels].map { SharingScheme.proportional($0, cluster.speeds) }
            + cluster.devices.indices.map { .whole(on: $0, of: count) }
        let found = SegmentSearch(shared, cluster, schemes, longest: 1).run()
        var patterns: [[ShareRelaxation.Choice]] = []
        for order in [[SharingDimension.height, .length, .channels], [.channels, .height, .length]] {
            let pattern = CutPattern(shared) { _ in order }
            for size in sizes {
                let active = ranked.prefix(size).sorted()
                patterns.append(
                    pattern.layers.map { layer in
                        layer.axis == nil
                            ? .init(axis: nil, active: [cluster.fastest]) : .init(axis: layer.axis, active: active)
                    })
            }
        }
        patterns.append(choices(found.layouts, shared, cluster, layers))
        return patterns
    }

    /// The axis and the devices of each layer of an assignment; where it is anything but cut along one axis, the device
    /// that has most of it.
    static func choices(
        _ layouts: [SharedLayout], _ shared: SharedGraph, _ cluster: SharingCluster, _ layers: [Range<Int>]
    ) -> [ShareRelaxation.Choice] {
        layers.map { positions in
            let position = positions.lowerBound
            let layout = layouts[position]
            let shape = shared.shape(of: position)
            if let line = ShareLine(layout.regions, shape),
                positions.allSatisfy({ ShareLine(layouts[$0].regions, shared.shape(of: $0))?.axis == line.axis })
            {
                return .init(axis: line.axis, active: layout.activeDevices)
            }
            let most = layout.regions.indices.max {
                layout.regions[$0].elementCount < layout.regions[$1].elementCount
            }
            return .init(axis: nil, active: [most ?? cluster.fastest])
        }
    }
}
