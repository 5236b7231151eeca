/// Operators that move elements. Moving costs no FLOP.
enum MovementRules {
    static let all: [String: OperatorRule] = [
        "Transpose": OperatorRule { call in
            let input = try call.input(0).type
            let order = try call.integers("perm") ?? Array((0..<input.rank).reversed())
            guard order.sorted() == Array(0..<input.rank) else {
                throw call.fail("perm \(order) is not an order of \(input.rank) axes")
            }
            return [try call.type(input.elementType, order.map { input.shape[$0] })]
        },
        "Concat": OperatorRule(types: concat),
        "Split": OperatorRule(types: split),
        "Slice": OperatorRule(types: slice),
        "Gather": OperatorRule { call in
            let data = try call.input(0).type
            let indices = try call.input(1).shape
            let axis = try call.axis(call.integer("axis", default: 0), rank: data.rank)
            let shape = Array(data.shape[..<axis]) + indices + Array(data.shape[(axis + 1)...])
            return [try call.type(data.elementType, shape)]
        },
        "GatherElements": OperatorRule { call in
            let data = try call.input(0).type
            let indices = try call.input(1).shape
            guard indices.count == data.rank else { throw call.fail("indices \(indices) do not fit \(data.shape)") }
            return [try call.type(data.elementType, indices)]
        },
        "GatherND": OperatorRule { call in
            let data = try call.input(0).type
            let indices = try call.input(1).shape
            let batch = try call.integer("batch_dims", default: 0)
            guard let depth = indices.last, batch >= 0, batch < indices.count, batch + depth <= data.rank else {
                throw call.fail("indices \(indices) do not fit \(data.shape)")
            }
            return [try call.type(data.elementType, indices.dropLast() + data.shape[(batch + depth)...])]
        },
        "ScatterElements": sameAsData,
        "ScatterND": sameAsData,
        "Expand": OperatorRule { call in
            let input = try call.input(0).type
            let wanted = try call.constantIntegers(1)
            return [try call.type(input.elementType, call.broadcast([input.shape, wanted]))]
        },
        "Tile": OperatorRule { call in
            let input = try call.input(0).type
            let repeats = try call.constantIntegers(1)
            guard repeats.count == input.rank else { throw call.fail("repeats \(repeats) do not fit \(input.shape)") }
            let shape = try zip(input.shape, repeats).map { extent, count in
                guard count >= 0, count <= GraphLimits.maximumDimension else {
                    throw call.fail("repeats are \(repeats)")
                }
                return extent * count
            }
            return [try call.type(input.elementType, shape)]
        },
        "Pad": OperatorRule(types: pad),
        "DepthToSpace": OperatorRule { call in
            let input = try call.input(0).type
            let block = try call.integer("blocksize", default: 0)
            guard input.rank == 4, block >= 1, block <= 1 << 14, input.shape[1] % (block * block) == 0 else {
                throw call.fail("blocksize \(block) does not fit \(input.shape)")
            }
            let shape = input.shape
            return [
                try call.type(
                    input.elementType, [shape[0], shape[1] / (block * block), shape[2] * block, shape[3] * block])
            ]
        },
        "SpaceToDepth": OperatorRule { call in
            let input = try call.input(0).type
            let block = try call.integer("blocksize", default: 0)
            guard input.rank == 4, block >= 1, block <= 1 << 14, input.shape[2] % block == 0,
                input.shape[3] % block == 0
            else { throw call.fail("blocksize \(block) does not fit \(input.shape)") }
            let shape = input.shape
            return [
                try call.type(
                    input.elementType, [shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block])
            ]
        },
        "Resize": OperatorRule(accumulates: OperatorRule.everyOutput, types: resize),
    ]

    private static let sameAsData = OperatorRule { [try $0.input(0).type] }

    @Sendable private static func concat(_ call: OperatorCall) throws -> [TensorType] {
        let first = try call.input(0).type
        guard let given = try call.integer("axis") else { throw call.fail("attribute axis is missing") }
        let axis = try call.axis(given, rank: first.rank)
        var shape = first.shape
        for position in call.inputs.indices.dropFirst() {
            let other = try call.input(position).shape
            guard other.count == shape.count,
                other.indices.allSatisfy({ $0 == axis || other[$0] == shape[$0] })
            else { throw call.fail("\(other) does not join \(first.shape) along axis \(axis)") }
            shape[axis] += other[axis]
        }
        return [try call.type(first.elementType, shape)]
    }

    @Sendable private static func split(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        let axis = try call.axis(call.integer("axis", default: 0), rank: input.rank)
        let extent = input.shape[axis]
        let parts: [Int]
        if let given = try call.integers(input: 1, orAttribute: "split") {
            parts = given
        } else {
            let count = try call.integer("num_outputs", default: call.node.outputs.count)
            guard count >= 1, count <= max(extent, 1) else { throw call.fail("\(extent) cannot be cut into \(count)") }
            // The last part is the smaller one where the extent is not divisible.
            let size = (extent + count - 1) / count
            parts = (0..<count).map { max(0, min(size, extent - $0 * size)) }
        }
        guard parts.count == call.node.outputs.count, parts.allSatisfy({ $0 >= 0 && $0 <= extent }),
            parts.reduce(0, +) == extent
        else { throw call.fail("parts \(parts) do not add up to \(extent) for \(call.node.outputs.count) results") }
        return try parts.map { part in
            var shape = input.shape
            shape[axis] = part
            return try call.type(input.elementType, shape)
        }
    }

    @Sendable private static func slice(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        var shape = input.shape
        for cut in try SliceBounds.all(call, shape: input.shape) { shape[cut.axis] = cut.count }
        return [try call.type(input.elementType, shape)]
    }

    @Sendable private static func pad(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        guard let pads = try call.integers(input: 1, orAttribute: "pads") else { throw call.fail("pads are missing") }
        let axes =
            call.hasInput(3)
            ? try call.axes(call.constantIntegers(3), rank: input.rank) : Array(0..<input.rank)
        guard pads.count == 2 * axes.count else { throw call.fail("pads \(pads) do not fit \(axes.count) axes") }
        var shape = input.shape
        for (position, axis) in axes.enumerated() {
            shape[axis] += pads[position] + pads[position + axes.count]
            guard shape[axis] >= 0 else { throw call.fail("pads \(pads) take more than \(input.shape)") }
        }
        return [try call.type(input.elementType, shape)]
    }

    /// Sizes are given, or follow from scales by rounding down.
    @Sendable private static func resize(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        let axes = try call.axes(call.integers("axes") ?? Array(0..<input.rank), rank: input.rank)
        var shape = input.shape
        if call.hasInput(3) {
            let sizes = try call.constantIntegers(3)
            let policy = try call.text("keep_aspect_ratio_policy", default: "stretch")
            guard sizes.count == axes.count, policy == "stretch" else {
                throw call.fail("sizes \(sizes) with policy '\(policy)' do not fit \(input.shape)")
            }
            for (axis, size) in zip(axes, sizes) { shape[axis] = size }
        } else {
            guard case .numbers(let scales)? = try call.input(2).value?.elements, scales.count == axes.count else {
                throw GraphError.unknownDimension(
                    tensor: call.node.outputs.first ?? call.node.name, reason: "the scales of Resize are not constant")
            }
            for (axis, scale) in zip(axes, scales) {
                let extent = (Double(shape[axis]) * scale).rounded(.down)
                guard extent >= 0, extent <= Double(GraphLimits.maximumDimension) else {
                    throw call.fail("scale \(scale) does not fit the extent \(shape[axis])")
                }
                shape[axis] = Int(extent)
            }
        }
        return [try call.type(input.elementType, shape)]
    }
}

/// What a Slice keeps of one axis.
package struct SliceBounds: Sendable {
    package let axis: Int
    package let start: Int
    package let step: Int
    package let count: Int

    /// Inputs: data, starts, ends, axes, steps.
    package static func all(_ call: OperatorCall, shape: [Int]) throws -> [SliceBounds] {
        let starts = try call.constantIntegers(1)
        let ends = try call.constantIntegers(2)
        guard starts.count <= GraphLimits.maximumRank else { throw call.fail("there are too many starts") }
        let axes = try call.axes(
            call.hasInput(3) ? call.constantIntegers(3) : Array(starts.indices), rank: shape.count)
        let steps = call.hasInput(4) ? try call.constantIntegers(4) : [Int](repeating: 1, count: starts.count)
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
            throw call.fail("starts, ends, axes and steps have different lengths")
        }
        return try starts.indices.map { position in
            let extent = shape[axes[position]]
            let step = steps[position]
            guard step != 0 else { throw call.fail("a step is 0") }
            func counted(_ value: Int) -> Int { value < 0 ? value + extent : value }
            // Backwards, a cut may end before the first element, but starts at one.
            let start = min(max(counted(starts[position]), 0), step > 0 ? extent : extent - 1)
            // The largest number means the end of the axis in the direction of the cut, as ONNX Runtime has it.
            let isOpen = ends[position] >= GraphLimits.maximumTensorBytes || ends[position] == Int(Int32.max)
            let wanted = isOpen ? (step > 0 ? extent : -1) : counted(ends[position])
            let end = min(max(wanted, step > 0 ? 0 : -1), step > 0 ? extent : extent - 1)
            let count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step
            return SliceBounds(axis: axes[position], start: start, step: step, count: max(count, 0))
        }
    }
}
