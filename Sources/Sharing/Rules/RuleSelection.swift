import ModelGraph

/// Which rule an operator follows.
enum RuleSelection {
    /// Operators of which an element needs the elements of the operands at its own index.
    private static let elementwise: Set<String> = [
        "Abs", "Acos", "Asin", "Atan", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor", "Gelu",
        "HardSigmoid", "HardSwish", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu",
        "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu",
        "BitwiseNot", "Swish", "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "PRelu",
        "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift", "Equal", "Less", "LessOrEqual", "Greater",
        "GreaterOrEqual", "And", "Or", "Xor", "IsNaN", "IsInf", "Where", "Cast", "Identity",
    ]

    static func rule(for shared: SharedOperator) -> any SharingRule {
        do {
            if let rule = try selected(shared) { return rule }
            return WholeRule(shared: shared, reason: "a part of its result may need all of its inputs")
        } catch {
            // Such a node has passed the shape rules; what it asks for beyond them is not understood here.
            return WholeRule(shared: shared, reason: "its attributes are not understood (\(error))")
        }
    }

    private static func selected(_ shared: SharedOperator) throws -> (any SharingRule)? {
        let type = shared.node.type
        if elementwise.contains(type) { return ElementwiseSharing(shared) }
        if let rule = try windowed(shared, type) { return rule }
        if let rule = try normalization(shared, type) { return rule }
        if let rule = try movement(shared, type) { return rule }
        return try reduction(shared, type)
    }

    private static func windowed(_ shared: SharedOperator, _ type: String) throws -> (any SharingRule)? {
        let call = shared.call
        switch type {
        case "Conv", "ConvTranspose":
            let input = Array(shared.inputShape(0).dropFirst(2))
            let output = Array(shared.shape.dropFirst(2))
            let window = try Window(
                call, spatialRank: input.count, kernel: Array(shared.inputShape(1).dropFirst(2)))
            let groups = try call.integer("group", default: 1)
            if type == "Conv" {
                return ConvolutionSharing(
                    shared: shared, groups: groups, axes: WindowAxis.axes(window, input: input, output: output))
            }
            // What is cut off follows from the result's extent with other padding; only the explicit form is certain.
            guard window.padding == .explicit, try call.integers("output_shape") == nil else {
                return WholeRule(shared: shared, reason: "its padding follows from its whole result")
            }
            return TransposedConvolutionSharing(
                shared: shared, groups: groups, axes: WindowAxis.axes(window, input: input, output: output))
        case "MaxPool", "AveragePool", "LpPool":
            let input = Array(shared.inputShape(0).dropFirst(2))
            let window = try Window(call, spatialRank: input.count)
            return PoolingSharing(
                shared: shared, axes: WindowAxis.axes(window, input: input, output: Array(shared.shape.dropFirst(2))))
        case "GlobalAveragePool", "GlobalMaxPool":
            return ReductionSharing(
                shared: shared, axes: Set(2..<shared.inputShape(0).count), keepsDimensions: true)
        case "MatMul": return MatMulSharing(shared: shared)
        case "Gemm":
            return GemmSharing(
                shared: shared, leftIsTurned: try call.integer("transA", default: 0) != 0,
                rightIsTurned: try call.integer("transB", default: 0) != 0)
        default: return nil
        }
    }

    private static func normalization(_ shared: SharedOperator, _ type: String) throws -> (any SharingRule)? {
        let call = shared.call
        let rank = shared.shape.count
        switch type {
        case "BatchNormalization": return ChannelParameterSharing(shared: shared, needsSpatial: false)
        case "InstanceNormalization": return ChannelParameterSharing(shared: shared, needsSpatial: true)
        case "GroupNormalization":
            return ElementwiseSharing(
                shared, wholeAxes: Array(1..<max(rank, 1)),
                reason: "its statistics are over channels and what they hold",
                broadcastInputs: 1)
        case "LayerNormalization", "RMSNormalization":
            let axis = try call.axis(call.integer("axis", default: -1), rank: rank)
            return ElementwiseSharing(
                shared, wholeAxes: Array(axis..<rank), reason: "its statistics are over this axis")
        case "Softmax", "LogSoftmax", "Hardmax":
            let axis = try call.axis(call.integer("axis", default: call.opset < 13 ? 1 : -1), rank: rank)
            // Before opset 13 all axes from the given one on are taken as one.
            return ElementwiseSharing(
                shared, wholeAxes: call.opset < 13 ? Array(axis..<rank) : [axis],
                reason: "every element depends on the sum over this axis")
        case "LpNormalization":
            let axis = try call.axis(call.integer("axis", default: -1), rank: rank)
            return ElementwiseSharing(shared, wholeAxes: [axis], reason: "its norm is over this axis")
        case "MeanVarianceNormalization":
            let axes = try call.axes(call.integers("axes") ?? [0, 2, 3], rank: rank)
            return ElementwiseSharing(shared, wholeAxes: axes.sorted(), reason: "its statistics are over this axis")
        case "LRN":
            guard let size = try call.integer("size"), size >= 1, rank >= 2 else { return nil }
            return NeighbourChannelSharing(shared: shared, size: size)
        case "CumSum":
            guard let axis = call.inputs.last??.value.flatMap(SharedOperator.integers)?.first else { return nil }
            return ElementwiseSharing(
                shared, wholeAxes: [try call.axis(axis, rank: rank)], reason: "it sums along this axis",
                broadcastInputs: 1)
        case "Trilu":
            return ElementwiseSharing(
                shared, wholeAxes: Array(max(0, rank - 2)..<rank),
                reason: "which elements it keeps depends on this axis",
                broadcastInputs: 1)
        default: return nil
        }
    }

    private static func movement(_ shared: SharedOperator, _ type: String) throws -> (any SharingRule)? {
        let call = shared.call
        let rank = shared.inputShape(0).count
        switch type {
        case "Transpose":
            return TransposeSharing(
                shared: shared, order: try call.integers("perm") ?? Array((0..<rank).reversed()))
        case "Concat":
            guard let axis = try call.integer("axis") else { return nil }
            return ConcatSharing(shared: shared, axis: try call.axis(axis, rank: rank))
        case "Split":
            return SplitSharing(
                shared: shared, axis: try call.axis(call.integer("axis", default: 0), rank: rank))
        case "Slice": return SliceSharing(shared: shared, cuts: try SliceBounds.all(call, shape: shared.inputShape(0)))
        case "Gather":
            let axis = try call.axis(call.integer("axis", default: 0), rank: rank)
            var index: Int?
            if shared.inputShape(1).isEmpty, let value = call.inputs[1]?.value.flatMap(SharedOperator.integers)?.first {
                index = value < 0 ? value + shared.inputShape(0)[axis] : value
            }
            return GatherSharing(shared: shared, axis: axis, index: index)
        case "Expand": return ExpandSharing(shared: shared)
        case "Pad": return try pad(shared)
        case "DepthToSpace", "SpaceToDepth":
            return BlockSharing(
                shared: shared, block: try call.integer("blocksize", default: 1), toSpace: type == "DepthToSpace")
        case "Resize": return try resize(shared)
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return ReshapeSharing(shared)
        default: return nil
        }
    }

    private static func pad(_ shared: SharedOperator) throws -> (any SharingRule)? {
        let call = shared.call
        let rank = shared.shape.count
        guard let pads = try call.integers(input: 1, orAttribute: "pads"), call.opset >= 11 else { return nil }
        let axes = call.hasInput(3) ? try call.axes(call.constantIntegers(3), rank: rank) : Array(0..<rank)
        var before = [Int](repeating: 0, count: rank)
        var after = before
        for (position, axis) in axes.enumerated() {
            before[axis] = pads[position]
            after[axis] = pads[position + axes.count]
        }
        let isConstant = try call.text("mode", default: "constant") == "constant"
        return PadSharing(shared: shared, before: before, after: after, isConstant: isConstant)
    }

    private static func resize(_ shared: SharedOperator) throws -> (any SharingRule)? {
        let call = shared.call
        let input = shared.inputShape(0)
        let mode = try call.text("coordinate_transformation_mode", default: "half_pixel")
        let keepsPlace = ["half_pixel", "asymmetric", "pytorch_half_pixel"].contains(mode)
        let factors = input.indices.map { axis -> Int? in
            if input[axis] == shared.shape[axis] { return 1 }
            // One element of pytorch_half_pixel's result is taken from elsewhere.
            guard keepsPlace, input[axis] > 1, shared.shape[axis] % input[axis] == 0 else { return nil }
            return shared.shape[axis] / input[axis]
        }
        return ResizeSharing(shared: shared, factors: factors)
    }

    private static func reduction(_ shared: SharedOperator, _ type: String) throws -> (any SharingRule)? {
        let call = shared.call
        let rank = shared.inputShape(0).count
        let keepsDimensions = try call.integer("keepdims", default: 1) != 0
        switch type {
        case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
            "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare":
            var axes = try call.axes(call.integers(input: 1, orAttribute: "axes") ?? [], rank: rank)
            if axes.isEmpty, try call.integer("noop_with_empty_axes", default: 0) == 0 { axes = Array(0..<rank) }
            return ReductionSharing(shared: shared, axes: Set(axes), keepsDimensions: keepsDimensions)
        case "ArgMax", "ArgMin":
            let axis = try call.axis(call.integer("axis", default: 0), rank: rank)
            return ReductionSharing(shared: shared, axes: [axis], keepsDimensions: keepsDimensions)
        case "TopK":
            let axis = try call.axis(call.integer("axis", default: -1), rank: rank)
            return TopSharing(shared: shared, axis: axis)
        default: return nil
        }
    }
}

extension SharedOperator {
    static func integers(_ value: ConstantValue) -> [Int]? {
        if case .integers(let values) = value.elements { values.map { Int($0) } } else { nil }
    }
}
