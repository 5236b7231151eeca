/// Convolution and transposed convolution. X is [batch, channels, spatial...].
enum ConvolutionRules {
    static let all: [String: OperatorRule] = [
        "Conv": OperatorRule(accumulates: convolutionCost, types: convolution),
        "ConvTranspose": OperatorRule(accumulates: transposedCost, types: transposed),
    ]

    @Sendable private static func convolution(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        let weight = try call.input(1).shape
        let groups = try call.integer("group", default: 1)
        guard input.rank >= 3, weight.count == input.rank else {
            throw call.fail("input \(input.shape) and weight \(weight) must have the same rank, at least 3")
        }
        guard groups >= 1, weight[1] * groups == input.shape[1], weight[0] % groups == 0 else {
            throw call.fail("weight \(weight) in \(groups) groups does not fit \(input.shape[1]) input channels")
        }
        try checkBias(call, channels: weight[0])
        let window = try Window(call, spatialRank: input.rank - 2, kernel: Array(weight[2...]))
        let spatial = try window.output(of: Array(input.shape[2...]), call)
        return [try call.type(input.elementType, [input.shape[0], weight[0]] + spatial)]
    }

    /// Weight is [input channels, output channels / groups, kernel...].
    @Sendable private static func transposed(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        let weight = try call.input(1).shape
        let groups = try call.integer("group", default: 1)
        guard input.rank >= 3, weight.count == input.rank, weight[0] == input.shape[1], groups >= 1,
            weight[0] % groups == 0
        else { throw call.fail("weight \(weight) in \(groups) groups does not fit input \(input.shape)") }
        try checkBias(call, channels: weight[1] * groups)
        let spatialRank = input.rank - 2
        let window = try Window(call, spatialRank: spatialRank, kernel: Array(weight[2...]))
        let extra = try call.integers("output_padding") ?? [Int](repeating: 0, count: spatialRank)
        let wanted = try call.integers("output_shape")
        guard extra.count == spatialRank, wanted == nil || wanted?.count == spatialRank else {
            throw call.fail("output_padding or output_shape does not fit \(spatialRank) spatial dimensions")
        }
        let spatial = try (0..<spatialRank).map { axis in
            if let wanted { return wanted[axis] }
            let extent = input.shape[axis + 2]
            if window.padding == .sameUpper || window.padding == .sameLower { return extent * window.strides[axis] }
            let padded = window.padding == .valid ? 0 : window.pads[axis] + window.pads[axis + spatialRank]
            let full =
                window.strides[axis] * (extent - 1) + extra[axis]
                + (window.kernel[axis] - 1) * window.dilations[axis] + 1
            guard full > padded else { throw call.fail("pads take all of the output") }
            return full - padded
        }
        return [try call.type(input.elementType, [input.shape[0], weight[1] * groups] + spatial)]
    }

    private static func checkBias(_ call: OperatorCall, channels: Int) throws {
        guard call.hasInput(2) else { return }
        let bias = try call.input(2).shape
        guard bias == [channels] else { throw call.fail("bias \(bias) does not fit \(channels) output channels") }
    }

    /// Output elements times (input channels of a group times kernel elements, and one for the bias).
    @Sendable private static func convolutionCost(_ call: OperatorCall, _ types: [TensorType]) throws -> Double {
        let reads = try call.input(1).shape.dropFirst().reduce(1.0) { $0 * Double($1) }
        return Double(types[0].elementCount) * (reads + (call.hasInput(2) ? 1 : 0))
    }

    @Sendable private static func transposedCost(_ call: OperatorCall, _ types: [TensorType]) throws -> Double {
        let writes = try call.input(1).shape.dropFirst().reduce(1.0) { $0 * Double($1) }
        return Double(try call.input(0).type.elementCount) * writes
            + (call.hasInput(2) ? Double(types[0].elementCount) : 0)
    }
}
