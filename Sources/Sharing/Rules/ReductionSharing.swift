/// Reductions, and global pooling: axes that are reduced are needed whole.
struct ReductionSharing: SharingRule {
    let shared: SharedOperator
    /// Axes of the input that are reduced.
    let axes: Set<Int>
    let keepsDimensions: Bool

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let extents = shared.inputShape(0)
        var next = 0
        var ranges: [Range<Int>] = []
        for axis in extents.indices {
            if axes.contains(axis) {
                ranges.append(0..<extents[axis])
                next += keepsDimensions ? 1 : 0
            } else {
                ranges.append(region[next])
                next += 1
            }
        }
        let others = shared.call.inputs.indices.dropFirst().map { shared.wholeOperand($0) }
        return [try shared.local(region, operands: [shared.operand(0, Region(ranges))] + others)]
    }
}

/// TopK: every other axis is shared as it is.
struct TopSharing: SharingRule {
    let shared: SharedOperator
    let axis: Int

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        try shared.requireWhole([axis], of: region, "its results are the greatest of this whole axis")
        let input = region.replacing(axis, with: 0..<shared.inputShape(0)[axis])
        return [try shared.local(region, operands: [shared.operand(0, input), shared.wholeOperand(1)])]
    }
}
