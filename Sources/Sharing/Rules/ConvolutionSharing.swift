import ModelGraph

/// Convolution: spatial shares need a halo, channel shares need the input channels of their groups and their filters.
struct ConvolutionSharing: SharingRule {
    let shared: SharedOperator
    let groups: Int
    let axes: [WindowAxis]

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let weight = shared.inputShape(1)
        let channels = GroupedChannels(region[1], perGroup: weight[0] / groups)
        let parts = axes.indices.map { axes[$0].part(region[$0 + 2]) }
        let read = channels.groups.lowerBound * weight[1]..<channels.groups.upperBound * weight[1]
        let input = Region([region[0], read] + parts.map(\.input))
        let filters = Region([channels.computed] + weight.dropFirst().map { 0..<$0 })
        var operands = [shared.operand(0, input), shared.operand(1, filters)]
        if shared.call.hasInput(2) { operands.append(shared.operand(2, Region([channels.computed]))) }
        return [
            try shared.local(
                region, computed: Region([region[0], channels.computed] + parts.map(\.computed)), operands: operands,
                attributes: [
                    "pads": parts.padding, "auto_pad": .text("NOTSET"),
                    "group": .integer(Int64(channels.groups.count)),
                ])
        ]
    }
}

/// Output channels of a grouped operator, extended to whole groups where they begin or end inside one of several.
struct GroupedChannels {
    let groups: Range<Int>
    let computed: Range<Int>

    init(_ asked: Range<Int>, perGroup: Int) {
        groups = asked.lowerBound / perGroup..<(asked.upperBound + perGroup - 1) / perGroup
        computed = groups.count == 1 ? asked : groups.lowerBound * perGroup..<groups.upperBound * perGroup
    }
}

/// Transposed convolution: input `i` adds to the outputs from `i * stride - before` on.
struct TransposedConvolutionSharing: SharingRule {
    let shared: SharedOperator
    let groups: Int
    /// `before` and `after` count what is cut off the full result.
    let axes: [WindowAxis]

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let weight = shared.inputShape(1)
        let channels = GroupedChannels(region[1], perGroup: weight[1])
        let perGroup = weight[0] / groups
        let read = channels.groups.lowerBound * perGroup..<channels.groups.upperBound * perGroup
        // Filters lie along the second axis, those of all groups behind each other's input channels.
        let written =
            channels.groups.count == 1
            ? channels.computed.lowerBound - channels.groups.lowerBound * weight[1]..<channels.computed.upperBound
                - channels.groups.lowerBound * weight[1] : 0..<weight[1]
        var inputs: [Range<Int>] = []
        var before: [Int] = []
        var after: [Int] = []
        var extra: [Int] = []
        for (axis, range) in zip(axes, region.ranges.dropFirst(2)) {
            let lowest = range.lowerBound + axis.before
            let reaching = (lowest - axis.span + axis.stride) / axis.stride
            // At least the input at or before the first output, so that the local result begins there or earlier.
            let first = min(max(0, lowest < axis.span ? 0 : reaching), lowest / axis.stride, axis.inputExtent - 1)
            let last = max(first, min(axis.inputExtent - 1, (range.upperBound - 1 + axis.before) / axis.stride))
            let start = first * axis.stride - axis.before
            let end = last * axis.stride - axis.before + axis.span
            inputs.append(first..<last + 1)
            before.append(range.lowerBound - start)
            after.append(max(0, end - range.upperBound))
            extra.append(max(0, range.upperBound - end))
        }
        let filters = Region([read, written] + weight.dropFirst(2).map { 0..<$0 })
        var operands = [shared.operand(0, Region([region[0], read] + inputs)), shared.operand(1, filters)]
        if shared.call.hasInput(2) { operands.append(shared.operand(2, Region([channels.computed]))) }
        return [
            try shared.local(
                region, computed: region.replacing(1, with: channels.computed), operands: operands,
                attributes: [
                    "pads": .integers((before + after).map(Int64.init)), "auto_pad": .text("NOTSET"),
                    "output_padding": .integers(extra.map(Int64.init)), "output_shape": .integers([]),
                    "group": .integer(Int64(channels.groups.count)),
                ])
        ]
    }
}

/// Pooling over windows: rows of the result need rows of the input with a halo; channels need their own.
struct PoolingSharing: SharingRule {
    let shared: SharedOperator
    let axes: [WindowAxis]

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        if shared.outputs.count > 1, shared.outputs[1] != nil {
            // The second output holds positions in the whole input, which a part does not know.
            try shared.requireWhole(shared.shape.indices, of: region, "it also gives positions in its whole input")
        }
        let parts = axes.indices.map { axes[$0].part(region[$0 + 2]) }
        let input = Region([region[0], region[1]] + parts.map(\.input))
        var attributes: [String: AttributeValue] = ["pads": parts.padding, "auto_pad": .text("NOTSET")]
        let roundsUp = parts.contains(where: \.roundsUp)
        // Old operator sets do not know the attribute for every kind of pooling.
        if roundsUp || shared.node.attributes["ceil_mode"] != nil {
            attributes["ceil_mode"] = .integer(roundsUp ? 1 : 0)
        }
        return [
            try shared.local(
                region, computed: Region([region[0], region[1]] + parts.map(\.computed)),
                operands: [shared.operand(0, input)], attributes: attributes)
        ]
    }
}
