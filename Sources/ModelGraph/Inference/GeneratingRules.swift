/// Operators that make tensors out of shapes and constants. They cost nothing.
enum GeneratingRules {
    static let all: [String: OperatorRule] = [
        "Shape": OperatorRule { call in
            let (start, end) = try bounds(call)
            return [try call.type(.int64, [max(0, end - start)])]
        },
        "Size": OperatorRule { [try $0.type(.int64, [])] },
        "ConstantOfShape": OperatorRule { call in
            let shape = try call.constantIntegers(0)
            return [try call.type(fill(call)?.type.elementType ?? .float32, shape)]
        },
        "Range": OperatorRule { call in
            let type = try call.input(0).type.elementType
            return [try call.type(type, [rangeCount(call)])]
        },
        "EyeLike": OperatorRule { [try $0.input(0).type] },
        "OneHot": OperatorRule { call in
            let indices = try call.input(0).type
            guard let depth = try call.constantIntegers(1).first else { throw call.fail("depth is missing") }
            let axis = try call.axis(call.integer("axis", default: -1), rank: indices.rank + 1)
            var shape = indices.shape
            shape.insert(depth, at: axis)
            return [try call.type(call.input(2).type.elementType, shape)]
        },
    ]

    /// The part of the shape that `Shape` with its start and end attributes gives.
    static func bounds(_ call: OperatorCall) throws -> (start: Int, end: Int) {
        let rank = try call.input(0).type.rank
        func bounded(_ value: Int) -> Int { min(max(value < 0 ? value + rank : value, 0), rank) }
        return (
            bounded(try call.integer("start", default: 0)), bounded(try call.integer("end", default: rank))
        )
    }

    /// The value attribute of `ConstantOfShape` (nil: zero of type float32).
    static func fill(_ call: OperatorCall) throws -> ConstantValue? {
        switch call.node.attributes["value"] {
        case nil: return nil
        case .tensor(let value) where value.type.elementCount == 1: return value
        default: throw call.fail("attribute value is not one small constant")
        }
    }

    /// max(0, ceil((limit - start) / delta))
    static func rangeCount(_ call: OperatorCall) throws -> Int {
        let values = try (0..<3).map { position in
            switch try call.input(position).value?.elements {
            case .integers(let values)? where values.count == 1: Double(values[0])
            case .numbers(let values)? where values.count == 1: values[0]
            default:
                throw GraphError.unknownDimension(
                    tensor: call.node.outputs.first ?? call.node.name,
                    reason: "input \(position) of Range at node '\(call.node.name)' is not a known constant")
            }
        }
        let count = ((values[1] - values[0]) / values[2]).rounded(.up)
        guard count.isFinite, count <= Double(GraphLimits.maximumDimension) else {
            throw call.fail("the range from \(values[0]) to \(values[1]) by \(values[2]) is too long")
        }
        return max(0, Int(max(count, 0)))
    }
}
