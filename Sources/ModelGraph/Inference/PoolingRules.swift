/// Pooling. Its cost is one accumulate for each input element.
enum PoolingRules {
    static let all: [String: OperatorRule] = [
        "MaxPool": OperatorRule(accumulates: OperatorRule.everyInput) { call in
            let pooled = try window(call)
            return [pooled, try call.type(.int64, pooled.shape)]
        },
        "AveragePool": OperatorRule(accumulates: OperatorRule.everyInput) { [try window($0)] },
        "LpPool": OperatorRule(accumulates: OperatorRule.everyInput) { [try window($0)] },
        "GlobalAveragePool": OperatorRule(accumulates: OperatorRule.everyInput, types: global),
        "GlobalMaxPool": OperatorRule(accumulates: OperatorRule.everyInput, types: global),
    ]

    private static func window(_ call: OperatorCall) throws -> TensorType {
        let input = try call.input(0).type
        guard input.rank >= 3 else { throw call.fail("input \(input.shape) has no spatial dimension") }
        let spatial = try Window(call, spatialRank: input.rank - 2).output(of: Array(input.shape[2...]), call)
        return try call.type(input.elementType, Array(input.shape[..<2]) + spatial)
    }

    @Sendable private static func global(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        guard input.rank >= 3 else { throw call.fail("input \(input.shape) has no spatial dimension") }
        let ones = [Int](repeating: 1, count: input.rank - 2)
        return [try call.type(input.elementType, Array(input.shape[..<2]) + ones)]
    }
}
