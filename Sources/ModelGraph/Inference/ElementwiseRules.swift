/// Operators that work on each element: one accumulate for each element of the result.
enum ElementwiseRules {
    static let all: [String: OperatorRule] = {
        var rules: [String: OperatorRule] = [:]
        for type in unary {
            rules[type] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
                [try call.input(0).type]
            }
        }
        for type in broadcasting {
            rules[type] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
                let shape = try call.broadcast(call.inputs.compactMap { $0?.shape })
                return [try call.type(call.input(0).type.elementType, shape)]
            }
        }
        for type in comparing {
            rules[type] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
                let shape = try call.broadcast(call.inputs.compactMap { $0?.shape })
                return [try call.type(.boolean, shape)]
            }
        }
        for type in ["IsNaN", "IsInf"] {
            rules[type] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
                [try call.type(.boolean, call.input(0).shape)]
            }
        }
        rules["Where"] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
            let shape = try call.broadcast([call.input(0).shape, call.input(1).shape, call.input(2).shape])
            return [try call.type(call.input(1).type.elementType, shape)]
        }
        rules["Cast"] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
            guard case .text(let name) = call.node.attributes["to"], let type = ElementType(rawValue: name) else {
                throw call.fail("attribute to names no known element type")
            }
            return [try call.type(type, call.input(0).shape)]
        }
        rules["CastLike"] = OperatorRule(worksInPlace: true, accumulates: OperatorRule.everyOutput) { call in
            [try call.type(call.input(1).type.elementType, call.input(0).shape)]
        }
        return rules
    }()

    private static let unary = [
        "Abs", "Acos", "Asin", "Atan", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor", "Gelu",
        "HardSigmoid", "HardSwish", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu",
        "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu",
        "BitwiseNot", "CumSum", "Trilu", "Swish",
    ]

    private static let broadcasting = [
        "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "PRelu", "BitwiseAnd", "BitwiseOr",
        "BitwiseXor", "BitShift",
    ]

    private static let comparing = [
        "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor",
    ]
}
