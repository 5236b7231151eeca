import Sharing

/// A way to share whatever operator comes: what is cut, and how large the devices' shares are.
public struct SharingScheme: Hashable, Sendable {
    public enum Cut: String, Hashable, Sendable, CaseIterable {
        /// Rows of images, positions of sequences.
        case rows
        /// Columns of images.
        case columns
        /// Output channels.
        case channels
        /// Rows and columns of images.
        case grid
        /// Nothing: one device computes all.
        case whole
    }

    public let cut: Cut
    /// Relative size of each device's share; 0 leaves it idle.
    public let weights: [Double]
    /// True: all that take part have the same share, rounded up, and the last takes the rest.
    public let isEqual: Bool

    /// Equal shares, rounded up; of all devices, or of some.
    public static func equal(_ cut: Cut, of deviceCount: Int, devices: [Int]? = nil) -> SharingScheme {
        SharingScheme(
            cut: cut, weights: (0..<deviceCount).map { devices?.contains($0) ?? true ? 1 : 0 }, isEqual: true)
    }

    /// Shares in proportion to weights.
    public static func proportional(_ cut: Cut, _ weights: [Double]) -> SharingScheme {
        SharingScheme(cut: cut, weights: weights, isEqual: false)
    }

    /// All on one device.
    public static func whole(on device: Int, of deviceCount: Int) -> SharingScheme {
        SharingScheme(cut: .whole, weights: (0..<deviceCount).map { $0 == device ? 1 : 0 }, isEqual: true)
    }

    /// Shares an operator. Throws the reason where it cannot be shared so.
    public func layout(_ position: Int, _ shared: SharedGraph) throws(CannotShare) -> SharedLayout {
        let shape = shared.shape(of: position)
        switch cut {
        case .whole:
            return .single(weights.firstIndex { $0 > 0 } ?? 0, of: weights.count, shape: shape)
        case .grid: return grid(shape, try shared.axes(of: position, .grid))
        case .columns: return line(shape, try shared.axes(of: position, .width)[0])
        case .channels: return line(shape, try shared.axes(of: position, .channels)[0])
        case .rows:
            do {
                return line(shape, try shared.axes(of: position, .height)[0])
            } catch {
                // What has no rows may be a sequence; what has is refused for its rows.
                guard let axes = try? shared.axes(of: position, .length) else { throw error }
                return line(shape, axes[0])
            }
        }
    }

    private func line(_ shape: [Int], _ axis: Int) -> SharedLayout {
        SharedLayout(ranges(shape[axis], weights).map { Region.whole(shape).replacing(axis, with: $0) })
    }

    /// Devices that take part fill rows of a grid in their order; rows are as high as their devices are heavy together.
    private func grid(_ shape: [Int], _ axes: [Int]) -> SharedLayout {
        let active = weights.indices.filter { weights[$0] > 0 }
        let (rows, columns) = GridShape.nearestSquare(active.count)
        let groups = (0..<rows).map { row in Array(active[row * columns..<(row + 1) * columns]) }
        let heights = ranges(shape[axes[0]], groups.map { $0.reduce(0) { $0 + weights[$1] } })
        var regions = weights.map { _ in Region.empty(rank: shape.count) }
        for (group, height) in zip(groups, heights) {
            for (device, width) in zip(group, ranges(shape[axes[1]], group.map { weights[$0] })) {
                regions[device] = Region.whole(shape).replacing(axes[0], with: height).replacing(axes[1], with: width)
            }
        }
        return SharedLayout(regions)
    }

    /// Consecutive ranges of an axis, one for each weight.
    private func ranges(_ extent: Int, _ weights: [Double]) -> [Range<Int>] {
        let count = weights.count { $0 > 0 }
        let share = count > 0 ? (extent + count - 1) / count : extent
        let cuts = SharedLayout.proportionalCuts(extent, weights: weights)
        var start = 0
        return weights.indices.map { index in
            let end =
                isEqual
                ? weights[index] > 0 ? min(extent, start + share) : start
                : index < cuts.count ? max(start, cuts[index]) : extent
            defer { start = end }
            return start..<end
        }
    }
}

/// Rows and columns of a grid of devices.
public enum GridShape {
    /// As near to a square as the number allows, not wider than high: 4 is 2 x 2, 6 is 3 x 2, 5 is 5 x 1.
    public static func nearestSquare(_ count: Int) -> (rows: Int, columns: Int) {
        guard count > 1 else { return (max(count, 1), 1) }
        var columns = 1
        var divisor = 2
        while divisor * divisor <= count {
            if count % divisor == 0 { columns = divisor }
            divisor += 1
        }
        return (count / columns, columns)
    }
}
