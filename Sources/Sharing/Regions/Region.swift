/// A box of a tensor: a half-open range of indices for each axis.
public struct Region: Hashable, Sendable, CustomStringConvertible {
    /// One for each axis, outermost first; all `0..<0` where the region is empty.
    public let ranges: [Range<Int>]
    public let isEmpty: Bool

    public init(_ ranges: [Range<Int>]) {
        isEmpty = ranges.contains { $0.isEmpty }
        self.ranges = isEmpty ? ranges.map { _ in 0..<0 } : ranges
    }

    private init(emptyOfRank rank: Int) {
        isEmpty = true
        ranges = [Range<Int>](repeating: 0..<0, count: rank)
    }

    /// The region without elements; a scalar has one too.
    public static func empty(rank: Int) -> Region { Region(emptyOfRank: rank) }

    /// All of a tensor.
    public static func whole(_ shape: [Int]) -> Region { Region(shape.map { 0..<$0 }) }

    public var rank: Int { ranges.count }
    /// Extents of the axes.
    public var shape: [Int] { ranges.map(\.count) }
    public var elementCount: Int { isEmpty ? 0 : ranges.reduce(1) { $0 * $1.count } }

    public subscript(axis: Int) -> Range<Int> { ranges[axis] }

    public func isWhole(of shape: [Int]) -> Bool { !isEmpty && ranges.elementsEqual(shape.map { 0..<$0 }) }

    /// The region with another range along one axis.
    public func replacing(_ axis: Int, with range: Range<Int>) -> Region {
        guard !isEmpty else { return self }
        var ranges = ranges
        ranges[axis] = range
        return Region(ranges)
    }

    public func intersection(_ other: Region) -> Region {
        guard !isEmpty, !other.isEmpty, rank == other.rank else { return .empty(rank: rank) }
        return Region(zip(ranges, other.ranges).map { $0.clamped(to: $1) })
    }

    /// True where every element of the other region is in this one; an empty region is in every region.
    public func contains(_ other: Region) -> Bool {
        if other.isEmpty { return true }
        guard !isEmpty, rank == other.rank else { return false }
        return zip(ranges, other.ranges).allSatisfy {
            $0.lowerBound <= $1.lowerBound && $1.upperBound <= $0.upperBound
        }
    }

    /// The smallest region that contains both.
    public func hull(_ other: Region) -> Region {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return Region(
            zip(ranges, other.ranges).map {
                min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
            })
    }

    /// What is left without another region, as disjoint regions; outer axes are cut first.
    public func subtracting(_ other: Region) -> [Region] {
        let common = intersection(other)
        if common.isEmpty { return isEmpty ? [] : [self] }
        var left: [Region] = []
        var middle = ranges
        for axis in ranges.indices {
            let range = ranges[axis]
            for part in [range.lowerBound..<common[axis].lowerBound, common[axis].upperBound..<range.upperBound]
            where !part.isEmpty {
                var piece = middle
                piece[axis] = part
                left.append(Region(piece))
            }
            middle[axis] = common[axis]
        }
        return left
    }

    /// What is left without any of several regions, as disjoint regions.
    public func subtracting(_ others: some Sequence<Region>) -> [Region] {
        others.reduce(isEmpty ? [] : [self]) { left, other in left.flatMap { $0.subtracting(other) } }
    }

    /// The same elements, counted from the first element of another region.
    public func relative(to origin: Region) -> Region {
        guard !isEmpty else { return self }
        return Region(
            zip(ranges, origin.ranges).map { range, start in
                (range.lowerBound - start.lowerBound)..<(range.upperBound - start.lowerBound)
            })
    }

    /// What a tensor of this region needs of an operand that broadcasts to it: an extent of 1 serves every index.
    ///
    /// - Parameter shape: the operand's; its axes are the last ones of this region.
    public func broadcast(to shape: [Int]) -> Region {
        let offset = rank - shape.count
        return Region(shape.indices.map { shape[$0] == 1 ? 0..<1 : ranges[offset + $0] })
    }

    /// `[0..<1, 4..<9]`, or `[]` for the region of a scalar.
    public var description: String {
        isEmpty ? "nothing" : "[" + ranges.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: ", ") + "]"
    }
}
