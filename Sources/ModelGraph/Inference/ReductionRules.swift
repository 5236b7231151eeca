/// Reductions: one accumulate for each input element.
enum ReductionRules {
    static let all: [String: OperatorRule] = {
        var rules: [String: OperatorRule] = [:]
        for type in [
            "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum",
            "ReduceLogSumExp", "ReduceSumSquare",
        ] {
            rules[type] = OperatorRule(accumulates: OperatorRule.everyInput, types: reduction)
        }
        for type in ["ArgMax", "ArgMin"] {
            rules[type] = OperatorRule(accumulates: OperatorRule.everyInput) { call in
                let input = try call.input(0).type
                let axis = try call.axis(call.integer("axis", default: 0), rank: input.rank)
                return [try call.type(.int64, reduced(input.shape, [axis], keeps: keepsDimensions(call)))]
            }
        }
        rules["TopK"] = OperatorRule(accumulates: OperatorRule.everyInput) { call in
            let input = try call.input(0).type
            let axis = try call.axis(call.integer("axis", default: -1), rank: input.rank)
            guard let count = try call.constantIntegers(1).first, count >= 0, count <= input.shape[axis] else {
                throw call.fail("the number of elements to keep does not fit the input \(input.shape)")
            }
            var shape = input.shape
            shape[axis] = count
            return [try call.type(input.elementType, shape), try call.type(.int64, shape)]
        }
        return rules
    }()

    private static func keepsDimensions(_ call: OperatorCall) throws -> Bool {
        try call.integer("keepdims", default: 1) != 0
    }

    @Sendable private static func reduction(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        let given = try call.integers(input: 1, orAttribute: "axes") ?? []
        var axes = try call.axes(given, rank: input.rank)
        if axes.isEmpty {
            if try call.integer("noop_with_empty_axes", default: 0) != 0 { return [input] }
            axes = Array(0..<input.rank)
        }
        return [try call.type(input.elementType, reduced(input.shape, axes, keeps: keepsDimensions(call)))]
    }

    private static func reduced(_ shape: [Int], _ axes: [Int], keeps: Bool) -> [Int] {
        shape.indices.compactMap { axis in axes.contains(axis) ? (keeps ? 1 : nil) : shape[axis] }
    }
}
