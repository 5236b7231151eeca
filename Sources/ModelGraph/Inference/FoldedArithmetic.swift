/// Constants that are computed from constants element by element, and reductions of vectors.
enum FoldedArithmetic {
    typealias Elements = ConstantValue.Elements

    static func fold(_ call: OperatorCall, values: [ConstantValue], type: TensorType) -> Elements? {
        guard let first = values.first else { return nil }
        switch call.node.type {
        case "Range": return range(values, count: type.elementCount)
        case "Cast", "CastLike": return cast(first.elements, from: first.type.elementType, to: type.elementType)
        case "Where": return values.count == 3 ? choose(values, type) : nil
        case "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin": return reduce(call.node.type, first, type)
        case "Neg", "Abs", "Not", "Ceil", "Floor", "Sqrt", "Sign":
            return unary(call.node.type, first.elements)
        default: return values.count == 2 ? binary(call.node.type, values, type) : nil
        }
    }

    private static func range(_ values: [ConstantValue], count: Int) -> Elements? {
        switch (values[0].elements, values[2].elements) {
        case (.integers(let start), .integers(let delta)):
            .integers((0..<count).map { start[0] &+ Int64($0) &* delta[0] })
        case (.numbers(let start), .numbers(let delta)):
            .numbers((0..<count).map { start[0] + Double($0) * delta[0] })
        default: nil
        }
    }

    private static func cast(_ elements: Elements, from: ElementType, to: ElementType) -> Elements? {
        switch elements {
        case .integers(let values):
            if to.isFloatingPoint { return .numbers(values.map(Double.init)) }
            if to == .boolean { return .integers(values.map { $0 == 0 ? 0 : 1 }) }
            return fits(values, to) ? .integers(values) : nil
        case .numbers(let values):
            if to.isFloatingPoint {
                let isNarrower = to.byteCount < from.byteCount
                return isNarrower && to == .float32
                    ? .numbers(values.map { Double(Float($0)) }) : (isNarrower ? nil : .numbers(values))
            }
            if to == .boolean { return .integers(values.map { $0 == 0 ? 0 : 1 }) }
            guard values.allSatisfy({ $0.isFinite && abs($0) < 9e18 }) else { return nil }
            let whole = values.map { Int64($0.rounded(.towardZero)) }
            return fits(whole, to) ? .integers(whole) : nil
        }
    }

    private static func fits(_ values: [Int64], _ type: ElementType) -> Bool {
        let bounds: ClosedRange<Int64> =
            switch type {
            case .int8: Int64(Int8.min)...Int64(Int8.max)
            case .int16: Int64(Int16.min)...Int64(Int16.max)
            case .int32: Int64(Int32.min)...Int64(Int32.max)
            case .uint8: 0...Int64(UInt8.max)
            case .uint16: 0...Int64(UInt16.max)
            case .uint32: 0...Int64(UInt32.max)
            case .uint64: 0...Int64.max
            default: Int64.min...Int64.max
            }
        return values.allSatisfy(bounds.contains)
    }

    private static func choose(_ values: [ConstantValue], _ type: TensorType) -> Elements? {
        guard let condition = values[0].integers else { return nil }
        let sources = values.map { RowMajor.broadcast($0.type.shape, to: type.shape) }
        func chosen<Value>(_ yes: [Value], _ no: [Value]) -> [Value] {
            (0..<type.elementCount).map { condition[sources[0][$0]] != 0 ? yes[sources[1][$0]] : no[sources[2][$0]] }
        }
        switch (values[1].elements, values[2].elements) {
        case (.integers(let yes), .integers(let no)): return .integers(chosen(yes, no))
        case (.numbers(let yes), .numbers(let no)): return .numbers(chosen(yes, no))
        default: return nil
        }
    }

    /// Only over all elements of integers, the form in which shapes are multiplied out.
    private static func reduce(_ operation: String, _ value: ConstantValue, _ type: TensorType) -> Elements? {
        guard type.elementCount == 1, let values = value.integers, let first = values.first else { return nil }
        let rest = values.dropFirst()
        let result: Int64 =
            switch operation {
            case "ReduceProd": rest.reduce(first, &*)
            case "ReduceSum": rest.reduce(first, &+)
            case "ReduceMax": rest.reduce(first, max)
            default: rest.reduce(first, min)
            }
        return .integers([result])
    }

    private static func unary(_ operation: String, _ elements: Elements) -> Elements? {
        switch (operation, elements) {
        case ("Neg", .integers(let values)): .integers(values.map { 0 &- $0 })
        case ("Neg", .numbers(let values)): .numbers(values.map { -$0 })
        case ("Abs", .integers(let values)): .integers(values.map { $0 < 0 ? 0 &- $0 : $0 })
        case ("Abs", .numbers(let values)): .numbers(values.map(abs))
        case ("Sign", .integers(let values)): .integers(values.map { $0.signum() })
        case ("Not", .integers(let values)): .integers(values.map { $0 == 0 ? 1 : 0 })
        case ("Ceil", .numbers(let values)): .numbers(values.map { $0.rounded(.up) })
        case ("Floor", .numbers(let values)): .numbers(values.map { $0.rounded(.down) })
        default: nil
        }
    }

    private static func binary(_ operation: String, _ values: [ConstantValue], _ type: TensorType) -> Elements? {
        let left = RowMajor.broadcast(values[0].type.shape, to: type.shape)
        let right = RowMajor.broadcast(values[1].type.shape, to: type.shape)
        switch (values[0].elements, values[1].elements) {
        case (.integers(let first), .integers(let second)):
            var result: [Int64] = []
            result.reserveCapacity(type.elementCount)
            for position in 0..<type.elementCount {
                guard let value = integer(operation, first[left[position]], second[right[position]]) else { return nil }
                result.append(value)
            }
            return fits(result, type.elementType) ? .integers(result) : nil
        case (.numbers(let first), .numbers(let second)):
            let pairs = (0..<type.elementCount).map { (first[left[$0]], second[right[$0]]) }
            // Only what is exact in every floating-point type of at least 32 bits is left to the runtime's rounding.
            switch operation {
            case "Less": return .integers(pairs.map { $0.0 < $0.1 ? 1 : 0 })
            case "Greater": return .integers(pairs.map { $0.0 > $0.1 ? 1 : 0 })
            case "Equal": return .integers(pairs.map { $0.0 == $0.1 ? 1 : 0 })
            default: return nil
            }
        default:
            return nil
        }
    }

    /// Nil for what is not defined (division by zero) or not known.
    private static func integer(_ operation: String, _ left: Int64, _ right: Int64) -> Int64? {
        func divides() -> Bool { right != 0 && !(left == .min && right == -1) }
        switch operation {
        case "Add": return left &+ right
        case "Sub": return left &- right
        case "Mul": return left &* right
        case "Div": return divides() ? left / right : nil
        case "Mod":
            guard divides() else { return nil }
            let rest = left % right
            return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest
        case "Max": return max(left, right)
        case "Min": return min(left, right)
        case "Equal": return left == right ? 1 : 0
        case "Less": return left < right ? 1 : 0
        case "LessOrEqual": return left <= right ? 1 : 0
        case "Greater": return left > right ? 1 : 0
        case "GreaterOrEqual": return left >= right ? 1 : 0
        case "And": return left != 0 && right != 0 ? 1 : 0
        case "Or": return left != 0 || right != 0 ? 1 : 0
        case "Xor": return (left != 0) != (right != 0) ? 1 : 0
        default: return nil
        }
    }
}
