/// Normalizations and softmax: one accumulate for each element.
enum NormalizationRules {
    static let all: [String: OperatorRule] = [
        "BatchNormalization": OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
            let input = try call.input(0).type
            guard input.rank >= 2 else { throw call.fail("input \(input.shape) has no channels") }
            for position in 1...4 {
                let shape = try call.input(position).shape
                guard shape == [input.shape[1]] else {
                    throw call.fail("input \(position) of shape \(shape) does not fit \(input.shape[1]) channels")
                }
            }
            guard try call.integer("training_mode", default: 0) == 0 else { throw call.fail("training_mode is on") }
            return [input]
        },
        "InstanceNormalization": sameShape,
        "GroupNormalization": sameShape,
        "LayerNormalization": OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
            let input = try call.input(0).type
            let axis = try call.axis(call.integer("axis", default: -1), rank: input.rank)
            let scale = try call.input(1).shape
            guard try call.broadcast([input.shape, scale]) == input.shape else {
                throw call.fail("scale \(scale) does not fit the input \(input.shape)")
            }
            let statistics = input.shape[..<axis] + [Int](repeating: 1, count: input.rank - axis)
            let statistic = try call.type(.float32, Array(statistics))
            return [input, statistic, statistic]
        },
        "RMSNormalization": sameShape,
        "LpNormalization": sameShape,
        "MeanVarianceNormalization": sameShape,
        "LRN": sameShape,
        "Softmax": alongAxis,
        "LogSoftmax": alongAxis,
        "Hardmax": alongAxis,
    ]

    private static let sameShape = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
        [try call.input(0).type]
    }

    private static let alongAxis = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
        let input = try call.input(0).type
        _ = try call.axis(call.integer("axis", default: call.opset < 13 ? 1 : -1), rank: max(input.rank, 1))
        return [input]
    }
}
