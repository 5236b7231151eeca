import Costs
import Sharing
import SharingPlans

/// A part of an operator whose time an estimator can learn from.
public struct OperatorShare: Sendable, Hashable {
    /// Position of the operator in the graph.
    public let position: Int
    /// Of its first output.
    public let region: Region
    /// The features of a row of compute traces, measured on one core.
    public let row: [Double]

    /// The parts that planners cut of a model's convolutions and linear operators, for any number of devices: whole,
    /// and the largest and the smallest of equal shares of rows, columns, channels and cells. Each row once, in the
    /// order of the graph.
    ///
    /// Of other operators traces know nothing (`EstimatedTiming`).
    public static func all(of shared: SharedGraph, devicesMost: Int = 8) -> [OperatorShare] {
        let cuts: [SharingScheme.Cut] = [.rows, .columns, .channels, .grid]
        let schemes =
            [SharingScheme.whole(on: 0, of: 1)]
            + (2...max(2, devicesMost)).flatMap { count in cuts.map { SharingScheme.equal($0, of: count) } }
        var seen: Set<[Double]> = []
        var shares: [OperatorShare] = []
        for position in shared.graph.operators.indices {
            guard let window = OperatorWindow(shared, position) else { continue }
            for scheme in schemes {
                guard let layout = try? scheme.layout(position, shared) else { continue }
                let regions = layout.regions.filter { !$0.isEmpty }
                for region in [regions.first, regions.last].compactMap(\.self) {
                    guard let row = window.features(region)?.computeRow(cores: 1), isInTraces(row),
                        seen.insert(row).inserted
                    else { continue }
                    shares.append(OperatorShare(position: position, region: region, row: row))
                }
            }
        }
        return shares
    }

    private static func isInTraces(_ row: [Double]) -> Bool {
        zip(TraceKind.compute.features, row).allSatisfy { $0.fault($1) == nil }
    }
}
