import ModelGraph
import Sharing

/// How one layer is shared: that of its operators with most FLOP stands for it.
public struct LayerShares: Sendable, Equatable {
    /// `height`, `channels`, …; `whole` where one device computes it.
    public let dimension: String
    /// Part of the result that each device computes, 0 for an idle one; above 1 together where some compute the same.
    public let shares: [Double]

    /// Part of the result that is computed more than once.
    public var redundancy: Double { max(0, shares.reduce(0, +) - 1) }

    init(_ layer: GraphLayer, _ assignment: SharedAssignment, _ shared: SharedGraph) {
        let heaviest = layer.operators.max {
            (shared.graph.operators[$0].flop, -$0) < (shared.graph.operators[$1].flop, -$1)
        }
        let position = heaviest ?? layer.operators.lowerBound
        self.init(position, assignment.layouts[position], shared)
    }

    init(_ position: Int, _ layout: SharedLayout, _ shared: SharedGraph) {
        let shape = shared.shape(of: position)
        let count = max(1, shape.reduce(1, *))
        shares = layout.regions.map { Double($0.elementCount) / Double(count) }
        let active = layout.regions.filter { !$0.isEmpty }
        guard active.count > 1 else {
            dimension = "whole"
            return
        }
        let axes = shape.indices.filter { axis in active.contains { $0[axis] != 0..<shape[axis] } }
        let roles = shared.axisRoles[shared.tensor(of: position)] ?? []
        let names = axes.map { axis in (axis < roles.count ? roles[axis]?.rawValue : nil) ?? "axis \(axis)" }
        dimension =
            names == SharingDimension.grid.roles.map(\.rawValue)
            ? SharingDimension.grid.rawValue : names.isEmpty ? "all" : names.joined(separator: " x ")
    }
}
