import ModelGraph

/// Reshape, Flatten, Squeeze, Unsqueeze: the same elements under other indices.
///
/// Axes of input and result are taken together in groups of equal product. Within a group a part is extended to whole
/// runs of the outermost axes that both sides can name as a box; what was not asked for is cut off afterwards.
struct ReshapeSharing: SharingRule {
    let shared: SharedOperator
    let groups: [AxisGroup]

    init(_ shared: SharedOperator) {
        self.shared = shared
        groups = AxisGroup.groups(shared.inputShape(0), shared.shape)
    }

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let extents = shared.inputShape(0)
        var input = extents.map { 0..<$0 }
        var computed = shared.shape.map { 0..<$0 }
        for group in groups {
            group.map(region, from: extents, to: shared.shape, input: &input, computed: &computed)
        }
        let computedRegion = Region(computed)
        return [
            try shared.local(
                region, computed: computedRegion,
                operands: [shared.operand(0, Region(input)), .integers(computedRegion.shape)], type: "Reshape")
        ]
    }
}

/// Neighbouring axes of a tensor that become neighbouring axes of another shape.
struct AxisGroup: Equatable, Sendable {
    /// Axes of the one and of the other shape; their extents have the same product.
    let input: Range<Int>
    let output: Range<Int>

    /// The finest groups, in order. Both shapes have the same number of elements, not 0.
    static func groups(_ from: [Int], _ to: [Int]) -> [AxisGroup] {
        var groups: [AxisGroup] = []
        var left = 0
        var right = 0
        while left < from.count || right < to.count {
            let start = (left, right)
            var products = (1, 1)
            // One axis of each side where there is one, then whichever side is behind.
            if left < from.count, right < to.count {
                if from[left] != to[right], from[left] == 1 || to[right] == 1 {
                    // An axis of extent 1 that only one side has stands alone.
                    if from[left] == 1 { left += 1 } else { right += 1 }
                    groups.append(AxisGroup(input: start.0..<left, output: start.1..<right))
                    continue
                }
                products = (from[left], to[right])
                left += 1
                right += 1
            } else if left < from.count {
                left += 1
            } else {
                right += 1
            }
            while products.0 != products.1 {
                if products.0 < products.1, left < from.count {
                    products.0 *= from[left]
                    left += 1
                } else if right < to.count {
                    products.1 *= to[right]
                    right += 1
                } else {
                    break
                }
            }
            groups.append(AxisGroup(input: start.0..<left, output: start.1..<right))
        }
        return groups
    }

    /// First axis of each side that is longer than 1; nil where there is none.
    func leading(_ from: [Int], _ to: [Int]) -> (input: Int, output: Int)? {
        guard let source = input.first(where: { from[$0] != 1 }), let target = output.first(where: { to[$0] != 1 })
        else { return nil }
        return (source, target)
    }

    /// Sets the ranges of the group's axes for a region of the result.
    func map(
        _ region: Region, from: [Int], to: [Int], input ranges: inout [Range<Int>], computed: inout [Range<Int>]
    ) {
        guard let (source, target) = leading(from, to) else { return }
        let sourceRun = from[(source + 1)..<input.upperBound].reduce(1, *)
        let targetRun = to[(target + 1)..<output.upperBound].reduce(1, *)
        // Indices of the leading axis at which both sides begin a run.
        let step = sourceRun / Self.greatestCommonDivisor(sourceRun, targetRun)
        let first = region[target].lowerBound / step * step
        let last = min(to[target], (region[target].upperBound + step - 1) / step * step)
        computed[target] = first..<last
        ranges[source] = first * targetRun / sourceRun..<last * targetRun / sourceRun
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }
}
