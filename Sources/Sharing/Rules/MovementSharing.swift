import ModelGraph

struct TransposeSharing: SharingRule {
    let shared: SharedOperator
    /// Axis of the input for each axis of the result.
    let order: [Int]

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        var ranges = region.ranges
        for (axis, source) in order.enumerated() { ranges[source] = region[axis] }
        return [try shared.local(region, operands: [shared.operand(0, Region(ranges))])]
    }
}

/// Concat: along its axis a part needs only the operands that it meets.
struct ConcatSharing: SharingRule {
    let shared: SharedOperator
    let axis: Int

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        var operands: [LocalOperand?] = []
        var start = 0
        for position in shared.call.inputs.indices {
            let end = start + shared.inputShape(position)[axis]
            let met = region[axis].clamped(to: start..<end)
            if !met.isEmpty {
                let part = met.lowerBound - start..<met.upperBound - start
                operands.append(shared.operand(position, region.replacing(axis, with: part)))
            }
            start = end
        }
        return [try shared.local(region, operands: operands)]
    }
}

/// Split: along its axis a part of the first result goes with the same part of the others, where all are equal.
struct SplitSharing: SharingRule {
    let shared: SharedOperator
    let axis: Int

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let extent = shared.shape[axis]
        if region[axis] == 0..<extent {
            let input = region.replacing(axis, with: 0..<shared.inputShape(0)[axis])
            return [try shared.local(region, operands: [shared.operand(0, input), shared.wholeOperand(1)])]
        }
        var nodes: [LocalNode] = []
        for (position, output) in shared.outputs.enumerated() {
            guard let output else { continue }
            guard output.shape == shared.shape else {
                throw shared.refusal(axis, "its results have different extents along the axis that it cuts")
            }
            let start = position * extent
            let part = region[axis].lowerBound + start..<region[axis].upperBound + start
            nodes.append(
                LocalNode(
                    type: "Identity", keepsAttributes: false, attributes: [:],
                    operands: [shared.operand(0, region.replacing(axis, with: part))],
                    results: [LocalResult(tensor: shared.node.outputs[position], computed: region, kept: region)]))
        }
        return nodes
    }
}

/// Slice: every index of the result is one of the input.
struct SliceSharing: SharingRule {
    let shared: SharedOperator
    let cuts: [SliceBounds]

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        var input = region
        var starts: [Int] = []
        var ends: [Int] = []
        for cut in cuts {
            let first = cut.start + region[cut.axis].lowerBound * cut.step
            let last = cut.start + (region[cut.axis].upperBound - 1) * cut.step
            let range = min(first, last)..<max(first, last) + 1
            input = input.replacing(cut.axis, with: range)
            starts.append(cut.step > 0 ? 0 : range.count - 1)
            ends.append(cut.step > 0 ? range.count : -range.count - 1)
        }
        return [
            try shared.local(
                region,
                operands: [
                    shared.operand(0, input), .integers(starts), .integers(ends), .integers(cuts.map(\.axis)),
                    .integers(cuts.map(\.step)),
                ])
        ]
    }
}

/// Gather: the gathered axis is needed whole, except for a single index that is known.
struct GatherSharing: SharingRule {
    let shared: SharedOperator
    let axis: Int
    /// The one index, counted from the start, where it is a constant scalar.
    let index: Int?

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let before = Array(region.ranges[..<axis])
        if let index {
            let data = Region(before + [index..<index + 1] + region.ranges[axis...])
            return [
                try shared.local(
                    region, operands: [shared.operand(0, data), .integers(region.shape)], type: "Reshape")
            ]
        }
        let end = axis + shared.inputShape(1).count
        let data = Region(before + [0..<shared.inputShape(0)[axis]] + region.ranges[end...])
        let indices = Region(Array(region.ranges[axis..<end]))
        return [try shared.local(region, operands: [shared.operand(0, data), shared.operand(1, indices)])]
    }
}

/// Expand: an operand that broadcasts, to the shape of the part.
struct ExpandSharing: SharingRule {
    let shared: SharedOperator

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let input = region.broadcast(to: shared.inputShape(0))
        return [try shared.local(region, operands: [shared.operand(0, input), .integers(region.shape)])]
    }
}

/// Pad with a constant: the padding that remains is the part's own.
struct PadSharing: SharingRule {
    let shared: SharedOperator
    /// Elements added before and after along each axis; negative where elements are cut off.
    let before: [Int]
    let after: [Int]
    let isConstant: Bool

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let extents = shared.inputShape(0)
        if !isConstant {
            try shared.requireWhole(
                extents.indices.filter { before[$0] != 0 || after[$0] != 0 }, of: region,
                "its padding repeats elements from elsewhere")
            let input = Region(extents.indices.map { before[$0] == 0 && after[$0] == 0 ? region[$0] : 0..<extents[$0] })
            let others = shared.call.inputs.indices.dropFirst().map { shared.wholeOperand($0) }
            return [try shared.local(region, operands: [shared.operand(0, input)] + others)]
        }
        var input: [Range<Int>] = []
        var computed: [Range<Int>] = []
        var begins: [Int] = []
        var ends: [Int] = []
        for axis in extents.indices {
            let shift = before[axis]
            let start = region[axis].lowerBound - shift
            let end = region[axis].upperBound - shift
            // At least one element: a part of padding alone is cut out of more.
            let first = min(max(start, 0), extents[axis] - 1)
            let last = min(max(end, first + 1), extents[axis])
            let from = min(start, first)
            let to = max(end, last)
            input.append(first..<last)
            computed.append(from + shift..<to + shift)
            begins.append(first - from)
            ends.append(to - last)
        }
        var operands = [shared.operand(0, Region(input)), .integers(begins + ends)]
        if shared.call.hasInput(2) { operands.append(shared.wholeOperand(2)) }
        return [try shared.local(region, computed: Region(computed), operands: operands)]
    }
}

/// DepthToSpace and SpaceToDepth: blocks of rows and columns; channels stay whole.
struct BlockSharing: SharingRule {
    let shared: SharedOperator
    let block: Int
    let toSpace: Bool

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        try shared.requireWhole([1], of: region, "its channels hold the elements of blocks")
        let channels = 0..<shared.inputShape(0)[1]
        var computed = region
        var input = region.replacing(1, with: channels)
        for axis in [2, 3] {
            let range = region[axis]
            if toSpace {
                let blocks = range.lowerBound / block..<(range.upperBound + block - 1) / block
                input = input.replacing(axis, with: blocks)
                computed = computed.replacing(axis, with: blocks.lowerBound * block..<blocks.upperBound * block)
            } else {
                input = input.replacing(axis, with: range.lowerBound * block..<range.upperBound * block)
            }
        }
        return [try shared.local(region, computed: computed, operands: [shared.operand(0, input)])]
    }
}
