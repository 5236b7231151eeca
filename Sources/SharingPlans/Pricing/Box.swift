import Sharing

/// A region of at most eight axes as two vectors: what a search adds up millions of times needs no storage of its own.
struct Box: Hashable {
    /// Axes that a tensor has not are `0..<1`.
    var low: SIMD8<Int32>
    var high: SIMD8<Int32>

    static let axesMost = 8

    /// Nil where the region has more axes, or an extent beyond 32 bits.
    init?(_ region: Region) {
        guard region.rank <= Self.axesMost else { return nil }
        low = SIMD8(repeating: 0)
        high = SIMD8(repeating: region.isEmpty ? 0 : 1)
        for (axis, range) in region.ranges.enumerated() {
            guard let start = Int32(exactly: range.lowerBound), let end = Int32(exactly: range.upperBound) else {
                return nil
            }
            low[axis] = start
            high[axis] = end
        }
    }

    private init(low: SIMD8<Int32>, high: SIMD8<Int32>) {
        self.low = low
        self.high = high
    }

    var isEmpty: Bool { any(low .>= high) }

    var elementCount: Int {
        guard !isEmpty else { return 0 }
        let extents = high &- low
        var count = 1
        for axis in 0..<Self.axesMost { count *= Int(extents[axis]) }
        return count
    }

    func intersection(_ other: Box) -> Box {
        Box(
            low: pointwiseMax(low, other.low),
            high: pointwiseMin(high, other.high))
    }

    func overlaps(_ other: Box) -> Bool { !intersection(other).isEmpty }

    func contains(_ other: Box) -> Bool { all(low .<= other.low) && all(other.high .<= high) }

    /// Appends what is left without another box; outer axes are cut first, as `Region.subtracting` does.
    func subtract(_ other: Box, into left: inout [Box]) {
        let common = intersection(other)
        if common.isEmpty {
            left.append(self)
            return
        }
        var middle = self
        for axis in 0..<Self.axesMost where low[axis] < common.low[axis] || common.high[axis] < high[axis] {
            if low[axis] < common.low[axis] {
                var piece = middle
                piece.high[axis] = common.low[axis]
                left.append(piece)
            }
            if common.high[axis] < high[axis] {
                var piece = middle
                piece.low[axis] = common.high[axis]
                left.append(piece)
            }
            middle.low[axis] = common.low[axis]
            middle.high[axis] = common.high[axis]
        }
    }
}
