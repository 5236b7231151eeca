import Costs
import Sharing

/// Random ways to share.
enum RandomLayouts {
    /// Cuts anywhere, equal ones included, so that devices are idle and shares smaller than a halo.
    static func cuts(_ extent: Int, devices: Int, _ generator: inout SeededGenerator) -> [Int] {
        (0..<devices - 1).map { _ in Int.random(in: 0...extent, using: &generator) }.sorted()
    }

    /// A layout that cuts one or two axes; devices in any order, sometimes with some elements computed twice.
    static func layout(
        _ shape: [Int], axes: [Int], devices: Int, _ generator: inout SeededGenerator
    ) -> SharedLayout {
        var layout: SharedLayout
        if axes.count == 2, devices >= 2 {
            let rows = Int.random(in: 1...devices, using: &generator)
            let columns = devices / rows
            layout = SharedLayout.grid(
                shape, axes: (axes[0], axes[1]), rowCuts: cuts(shape[axes[0]], devices: rows, &generator),
                columnCuts: cuts(shape[axes[1]], devices: columns, &generator))
            layout.regions += (rows * columns..<devices).map { _ in .empty(rank: shape.count) }
        } else {
            layout = SharedLayout.cut(
                shape, axis: axes[0], at: cuts(shape[axes[0]], devices: devices, &generator))
        }
        if generator.chance(0.5) { layout.regions.shuffle(using: &generator) }
        guard generator.chance(0.3) else { return layout }
        for device in layout.regions.indices where !layout.regions[device].isEmpty && generator.chance(0.5) {
            for axis in axes {
                let range = layout.regions[device][axis]
                let more = Int.random(in: 0...2, using: &generator)
                layout.regions[device] = layout.regions[device].replacing(
                    axis, with: max(0, range.lowerBound - more)..<min(shape[axis], range.upperBound + more))
            }
        }
        return layout
    }

    /// Every operator of a graph in some way that it allows: whole, along one axis, along two.
    static func assignment(
        _ shared: SharedGraph, devices: Int, _ generator: inout SeededGenerator
    ) -> SharedAssignment {
        let layouts = shared.graph.operators.indices.map { position -> SharedLayout in
            let shape = shared.shape(of: position)
            let axes = shared.shareableAxes(of: position)
            if axes.isEmpty || generator.chance(0.15) {
                return .single(Int.random(in: 0..<devices, using: &generator), of: devices, shape: shape)
            }
            let chosen = axes.shuffled(using: &generator).prefix(generator.chance(0.3) ? 2 : 1)
            return layout(shape, axes: Array(chosen), devices: devices, &generator)
        }
        return SharedAssignment(
            deviceCount: devices, source: Int.random(in: 0..<devices, using: &generator),
            destination: Int.random(in: 0..<devices, using: &generator), layouts: layouts)
    }

    /// Like a planner's: runs of operators along one dimension with the same shares, now and then a single device.
    static func steady(
        _ shared: SharedGraph, devices: Int, _ generator: inout SeededGenerator
    ) -> SharedAssignment {
        var dimension = SharingDimension.height
        var weights: [Double] = []
        var single: Int?
        let layouts = shared.graph.operators.indices.map { position -> SharedLayout in
            if weights.isEmpty || generator.chance(0.1) {
                dimension = SharingDimension.allCases.shuffled(using: &generator)[0]
                weights = (0..<devices).map { _ in
                    generator.chance(0.2) ? 0 : Double.random(in: 0.1...1, using: &generator)
                }
                single = generator.chance(0.2) ? Int.random(in: 0..<devices, using: &generator) : nil
            }
            let shape = shared.shape(of: position)
            let owner = single ?? 0
            // Another dimension of the operator where it does not have this one.
            let possible = shared.dimensions(of: position)
            guard single == nil, let chosen = possible.contains(dimension) ? dimension : possible.first,
                let axes = try? shared.axes(of: position, chosen)
            else { return .single(owner, of: devices, shape: shape) }
            if axes.count == 2 {
                return layout(shape, axes: axes, devices: devices, &generator)
            }
            return .cut(
                shape, axis: axes[0], at: SharedLayout.proportionalCuts(shape[axes[0]], weights: weights))
        }
        return SharedAssignment(
            deviceCount: devices, source: Int.random(in: 0..<devices, using: &generator),
            destination: Int.random(in: 0..<devices, using: &generator), layouts: layouts)
    }
}
