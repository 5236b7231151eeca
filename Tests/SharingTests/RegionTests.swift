import Costs
import Sharing
import Testing

@Suite struct RegionTests {
    private static func random(_ shape: [Int], _ generator: inout SeededGenerator) -> Region {
        Region(
            shape.map { extent in
                let bounds = [
                    Int.random(in: 0...extent, using: &generator), Int.random(in: 0...extent, using: &generator),
                ]
                return bounds[0] <= bounds[1] ? bounds[0]..<bounds[1] : bounds[1]..<bounds[0]
            })
    }

    /// All index vectors of a region.
    private static func elements(_ region: Region) -> Set<[Int]> {
        region.isEmpty
            ? []
            : Set(region.ranges.reduce([[]]) { prefixes, range in prefixes.flatMap { p in range.map { p + [$0] } } })
    }

    @Test func `set operations on boxes are those on their elements`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let shape = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Int.random(in: 1...5, using: &generator)
            }
            let (left, right, third) = (
                Self.random(shape, &generator), Self.random(shape, &generator), Self.random(shape, &generator)
            )
            let (leftSet, rightSet) = (Self.elements(left), Self.elements(right))
            #expect(left.elementCount == leftSet.count)
            #expect(Self.elements(left.intersection(right)) == leftSet.intersection(rightSet))
            #expect(left.contains(right) == rightSet.isSubset(of: leftSet))
            let rest = left.subtracting([right, third])
            #expect(rest.reduce(0) { $0 + $1.elementCount } == rest.reduce(Set()) { $0.union(Self.elements($1)) }.count)
            #expect(
                rest.reduce(Set()) { $0.union(Self.elements($1)) }
                    == leftSet.subtracting(rightSet).subtracting(Self.elements(third)))
            #expect(left.hull(right).contains(left) && left.hull(right).contains(right))
        }
    }

    @Test func `a scalar has one element, and an empty region of it none`() {
        #expect(Region.whole([]).elementCount == 1)
        #expect(Region.empty(rank: 0).isEmpty)
        #expect(Region.whole([]).subtracting(Region.whole([])).isEmpty)
        #expect(Region.whole([]).subtracting(Region.empty(rank: 0)) == [.whole([])])
        #expect(Region.whole([2, 0]).isEmpty)
    }

    @Test func `shares in proportion to weights add up`() {
        #expect(SharedLayout.proportionalCuts(10, weights: [1, 1]) == [5])
        #expect(SharedLayout.proportionalCuts(10, weights: [0, 3, 0, 1]) == [0, 8, 8])
        #expect(SharedLayout.proportionalCuts(7, weights: [0, 0]) == [7])
        let layout = SharedLayout.cut([1, 7], axis: 1, at: [0, 9, 3])
        #expect(layout.regions.map(\.elementCount) == [0, 7, 0, 0])
        #expect(layout.activeDevices == [1])
    }
}
