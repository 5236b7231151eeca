/// Operators that name the same elements differently. They cost nothing.
enum ReshapingRules {
    static let all: [String: OperatorRule] = [
        "Reshape": OperatorRule(worksInPlace: true, types: reshape),
        "Flatten": OperatorRule(worksInPlace: true) { call in
            let input = try call.input(0).type
            let given = try call.integer("axis", default: 1)
            let axis = given < 0 ? given + input.rank : given
            guard axis >= 0, axis <= input.rank else { throw call.fail("axis \(given) is outside \(input.shape)") }
            let rows = input.shape[..<axis].reduce(1, &*)
            let columns = input.shape[axis...].reduce(1, &*)
            return [try call.type(input.elementType, [rows, columns])]
        },
        "Squeeze": OperatorRule(worksInPlace: true) { call in
            let input = try call.input(0).type
            let given = try call.integers(input: 1, orAttribute: "axes")
            let axes = try given.map { try call.axes($0, rank: input.rank) }
            if let axes, let wrong = axes.first(where: { input.shape[$0] != 1 }) {
                throw call.fail("axis \(wrong) of \(input.shape) is not 1")
            }
            let kept = input.shape.indices.filter {
                axes?.contains($0) == false || (axes == nil && input.shape[$0] != 1)
            }
            return [try call.type(input.elementType, kept.map { input.shape[$0] })]
        },
        "Unsqueeze": OperatorRule(worksInPlace: true) { call in
            let input = try call.input(0).type
            guard let given = try call.integers(input: 1, orAttribute: "axes") else {
                throw call.fail("axes are missing")
            }
            guard given.count <= GraphLimits.maximumRank else { throw call.fail("there are too many axes") }
            let rank = input.rank + given.count
            let axes = try call.axes(given, rank: rank)
            var rest = input.shape[...]
            let shape = (0..<rank).map { axes.contains($0) ? 1 : rest.popFirst() ?? 1 }
            return [try call.type(input.elementType, shape)]
        },
        "Identity": same,
        "Dropout": OperatorRule(worksInPlace: true) { call in
            let input = try call.input(0).type
            return [input, try call.type(.boolean, input.shape)]
        },
    ]

    private static let same = OperatorRule(worksInPlace: true) { [try $0.input(0).type] }

    /// 0 keeps the input's extent (unless allowzero), -1 takes what is left.
    @Sendable private static func reshape(_ call: OperatorCall) throws -> [TensorType] {
        let input = try call.input(0).type
        var shape = try call.constantIntegers(1)
        guard shape.count <= GraphLimits.maximumRank else { throw call.fail("the new shape has too many dimensions") }
        if try call.integer("allowzero", default: 0) == 0 {
            for position in shape.indices where shape[position] == 0 {
                guard position < input.rank else {
                    throw call.fail("the new shape \(shape) copies a missing dimension")
                }
                shape[position] = input.shape[position]
            }
        }
        let open = shape.indices.filter { shape[$0] == -1 }
        guard open.count <= 1 else { throw call.fail("the new shape \(shape) leaves several dimensions open") }
        if let position = open.first {
            shape[position] = 1
            let known = try call.type(input.elementType, shape).elementCount
            guard known > 0, input.elementCount % known == 0 else {
                throw call.fail("\(input.elementCount) elements of \(input.shape) do not fill the new shape \(shape)")
            }
            shape[position] = input.elementCount / known
        }
        let result = try call.type(input.elementType, shape)
        guard result.elementCount == input.elementCount else {
            throw call.fail("\(input.shape) cannot become \(shape): the numbers of elements differ")
        }
        return [result]
    }
}
