import ModelGraph

/// Resize: an axis that grows by a whole factor needs the part's own elements and their neighbours, where the place of
/// an element does not depend on the extent; every other axis that changes is needed whole.
struct ResizeSharing: SharingRule {
    let shared: SharedOperator
    /// Whole factor of each axis (nil: the axis cannot be shared).
    let factors: [Int?]

    /// Neighbours on each side that any way of interpolation looks at.
    private static let margin = 3

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let extents = shared.inputShape(0)
        var input: [Range<Int>] = []
        var computed: [Range<Int>] = []
        for axis in extents.indices {
            let range = region[axis]
            switch factors[axis] {
            case 1?:
                input.append(range)
                computed.append(range)
            case let factor? where range != 0..<shared.shape[axis]:
                let first = max(0, range.lowerBound / factor - Self.margin)
                let last = min(extents[axis], (range.upperBound - 1) / factor + 1 + Self.margin)
                input.append(first..<last)
                computed.append(first * factor..<last * factor)
            default:
                try shared.requireWhole([axis], of: region, "where an element comes from depends on the whole extent")
                input.append(0..<extents[axis])
                computed.append(range)
            }
        }
        let computedRegion = Region(computed)
        var operands: [LocalOperand?] = [shared.operand(0, Region(input)), nil, nil]
        if shared.call.hasInput(3) {
            operands.append(.integers(sizes(computedRegion)))
        } else {
            operands[2] = shared.wholeOperand(2)
        }
        return [try shared.local(region, computed: computedRegion, operands: operands)]
    }

    private func sizes(_ computed: Region) -> [Int] {
        guard case .integers(let axes)? = shared.node.attributes["axes"] else { return computed.shape }
        return axes.map { computed[Int($0) < 0 ? Int($0) + computed.rank : Int($0)].count }
    }
}
