/// Who computes what of one operator's first output: one region for each device, an empty one for an idle device.
///
/// Regions may overlap: then devices compute the same elements, so that they need not be sent.
public struct SharedLayout: Hashable, Sendable {
    public var regions: [Region]

    public init(_ regions: [Region]) { self.regions = regions }

    public var deviceCount: Int { regions.count }
    /// Devices that compute something, ascending.
    public var activeDevices: [Int] { regions.indices.filter { !regions[$0].isEmpty } }

    /// One device computes all of it.
    public static func single(_ device: Int, of deviceCount: Int, shape: [Int]) -> SharedLayout {
        SharedLayout((0..<deviceCount).map { $0 == device ? .whole(shape) : .empty(rank: shape.count) })
    }

    /// Consecutive ranges of one axis; one more device than cuts.
    public static func cut(_ shape: [Int], axis: Int, at cuts: [Int]) -> SharedLayout {
        SharedLayout(ranges(shape[axis], cuts).map { Region.whole(shape).replacing(axis, with: $0) })
    }

    /// Rows times columns of two axes; device `row * columns + column`.
    public static func grid(
        _ shape: [Int], axes: (Int, Int), rowCuts: [Int], columnCuts: [Int]
    ) -> SharedLayout {
        let columns = ranges(shape[axes.1], columnCuts)
        return SharedLayout(
            ranges(shape[axes.0], rowCuts).flatMap { row in
                columns.map { Region.whole(shape).replacing(axes.0, with: row).replacing(axes.1, with: $0) }
            })
    }

    /// Cut points of shares that are in proportion to weights, rounded so that they add up. All 0: the first gets all.
    public static func proportionalCuts(_ extent: Int, weights: [Double]) -> [Int] {
        let total = weights.reduce(0, +)
        var sum = 0.0
        return weights.dropLast().map { weight in
            sum += weight
            return total > 0 ? min(extent, Int((Double(extent) * sum / total).rounded())) : extent
        }
    }

    private static func ranges(_ extent: Int, _ cuts: [Int]) -> [Range<Int>] {
        var start = 0
        return (cuts + [extent]).map { cut in
            let end = min(max(cut, start), extent)
            defer { start = end }
            return start..<end
        }
    }
}
