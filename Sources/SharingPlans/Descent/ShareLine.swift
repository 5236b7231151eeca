import Sharing

/// Consecutive ranges of one axis, one for each device; empty ones for idle devices.
struct ShareLine: Equatable {
    let axis: Int
    let extent: Int
    private(set) var widths: [Int]

    /// Nil where the regions are anything else, or one device computes all.
    init?(_ regions: [Region], _ shape: [Int]) {
        let active = regions.filter { !$0.isEmpty }
        guard active.count > 1, let one = active.first,
            let axis = shape.indices.first(where: { one[$0] != 0..<shape[$0] })
        else { return nil }
        var end = 0
        for region in active {
            guard region[axis].lowerBound == end,
                shape.indices.allSatisfy({ $0 == axis || region[$0] == 0..<shape[$0] })
            else { return nil }
            end = region[axis].upperBound
        }
        guard end == shape[axis] else { return nil }
        self.axis = axis
        extent = shape[axis]
        widths = regions.map { $0.isEmpty ? 0 : $0[axis].count }
    }

    var ranges: [Range<Int>] {
        var start = 0
        return widths.map { width in
            defer { start += width }
            return start..<start + width
        }
    }

    /// With some of one device's share given to another (nil: it has less).
    func moving(_ step: Int, from: Int, to: Int) -> ShareLine? {
        guard step > 0, widths[from] >= step else { return nil }
        var other = self
        other.widths[from] -= step
        other.widths[to] += step
        return other
    }
}
