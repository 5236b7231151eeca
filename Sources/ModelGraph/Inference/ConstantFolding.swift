/// Computes small constants while a graph is read, so that shape arithmetic turns into numbers.
///
/// What is not folded is no error: the operator stays, and only a shape rule that needs its value complains.
enum ConstantFolding {
    /// Elements of the results, or nil where they are not computed.
    static func fold(_ call: OperatorCall, types: [TensorType]) throws -> [ConstantValue]? {
        guard types.allSatisfy({ $0.elementCount <= GraphLimits.maximumFoldedElements }) else { return nil }
        switch call.node.type {
        case "Shape":
            let (start, end) = try GeneratingRules.bounds(call)
            let shape = try call.input(0).shape
            return [try ConstantValue.vector(start < end ? Array(shape[start..<end]) : [])]
        case "Size":
            return [try ConstantValue(types[0], .integers([Int64(try call.input(0).type.elementCount)]))]
        case "ConstantOfShape":
            return [try constantOfShape(call, types[0])]
        default:
            break
        }
        var values: [ConstantValue?] = []
        for input in call.inputs {
            guard let input else {
                values.append(nil)
                continue
            }
            guard let value = input.value else { return nil }
            values.append(value)
        }
        guard let first = values.first ?? nil else { return nil }
        if let moved = try FoldedMovement.fold(call, first: first, values: values, types: types) { return moved }
        guard let elements = FoldedArithmetic.fold(call, values: values.compactMap { $0 }, type: types[0]) else {
            return nil
        }
        return [try ConstantValue(types[0], elements)]
    }

    private static func constantOfShape(_ call: OperatorCall, _ type: TensorType) throws -> ConstantValue {
        let fill = try GeneratingRules.fill(call)
        switch fill?.elements {
        case .integers(let values):
            return try ConstantValue(type, .integers([Int64](repeating: values[0], count: type.elementCount)))
        case .numbers(let values):
            return try ConstantValue(type, .numbers([Double](repeating: values[0], count: type.elementCount)))
        case nil:
            return try ConstantValue(type, .numbers([Double](repeating: 0, count: type.elementCount)))
        }
    }
}

extension ConstantValue.Elements {
    /// The elements at the given positions.
    func picked(_ positions: [Int]) -> Self {
        switch self {
        case .integers(let values): .integers(positions.map { values[$0] })
        case .numbers(let values): .numbers(positions.map { values[$0] })
        }
    }
}

/// Positions of elements in row-major tensors.
enum RowMajor {
    static func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    /// All index vectors of a shape, in row-major order, mapped to a position by a function of the index.
    static func positions(_ shape: [Int], _ position: ([Int]) -> Int) -> [Int] {
        let count = shape.reduce(1, *)
        guard count > 0 else { return [] }
        var index = [Int](repeating: 0, count: shape.count)
        var result: [Int] = []
        result.reserveCapacity(count)
        for _ in 0..<count {
            result.append(position(index))
            for axis in shape.indices.reversed() {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
        }
        return result
    }

    /// Where each element of the broadcast shape comes from.
    static func broadcast(_ shape: [Int], to target: [Int]) -> [Int] {
        let strides = strides(shape)
        let offset = target.count - shape.count
        return positions(target) { index in
            var position = 0
            for axis in shape.indices where shape[axis] != 1 { position += strides[axis] * index[axis + offset] }
            return position
        }
    }
}
