/// Constants that are moved, joined and cut: every result element is one element of an input.
enum FoldedMovement {
    static func fold(
        _ call: OperatorCall, first: ConstantValue, values: [ConstantValue?], types: [TensorType]
    ) throws -> [ConstantValue]? {
        switch call.node.type {
        case "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze":
            return [try ConstantValue(types[0], first.elements)]
        case "Expand":
            return [try picked(first, RowMajor.broadcast(first.type.shape, to: types[0].shape), types[0])]
        case "Tile":
            let shape = first.type.shape
            let strides = RowMajor.strides(shape)
            let positions = RowMajor.positions(types[0].shape) { index in
                index.indices.reduce(0) { $0 + strides[$1] * (index[$1] % shape[$1]) }
            }
            return [try picked(first, positions, types[0])]
        case "Transpose":
            let order = try call.integers("perm") ?? Array((0..<first.type.rank).reversed())
            let strides = RowMajor.strides(first.type.shape)
            let positions = RowMajor.positions(types[0].shape) { index in
                index.indices.reduce(0) { $0 + strides[order[$1]] * index[$1] }
            }
            return [try picked(first, positions, types[0])]
        case "Slice":
            return [try slice(call, first, types[0])]
        case "Split":
            return try split(call, first, types)
        case "Gather":
            guard values.count == 2, let second = values[1], let indices = second.integers else { return nil }
            return [try gather(call, first, indices, second.type.rank, types[0])]
        case "Concat":
            let parts = values.compactMap { $0 }
            guard parts.count == values.count, let axis = try call.integer("axis") else { return nil }
            return try concat(parts, axis: call.axis(axis, rank: first.type.rank), types[0]).map { [$0] }
        default:
            return nil
        }
    }

    private static func picked(_ value: ConstantValue, _ positions: [Int], _ type: TensorType) throws -> ConstantValue {
        try ConstantValue(type, value.elements.picked(positions))
    }

    private static func slice(_ call: OperatorCall, _ value: ConstantValue, _ type: TensorType) throws -> ConstantValue
    {
        let strides = RowMajor.strides(value.type.shape)
        var starts = [Int](repeating: 0, count: value.type.rank)
        var steps = [Int](repeating: 1, count: value.type.rank)
        for cut in try SliceBounds.all(call, shape: value.type.shape) {
            starts[cut.axis] = cut.start
            steps[cut.axis] = cut.step
        }
        let positions = RowMajor.positions(type.shape) { index in
            index.indices.reduce(0) { $0 + strides[$1] * (starts[$1] + steps[$1] * index[$1]) }
        }
        return try picked(value, positions, type)
    }

    private static func split(_ call: OperatorCall, _ value: ConstantValue, _ types: [TensorType]) throws
        -> [ConstantValue]
    {
        let axis = try call.axis(call.integer("axis", default: 0), rank: value.type.rank)
        let strides = RowMajor.strides(value.type.shape)
        var start = 0
        return try types.map { type in
            let offset = start * strides[axis]
            start += type.shape[axis]
            let positions = RowMajor.positions(type.shape) { index in
                index.indices.reduce(offset) { $0 + strides[$1] * index[$1] }
            }
            return try picked(value, positions, type)
        }
    }

    private static func gather(
        _ call: OperatorCall, _ value: ConstantValue, _ indices: [Int64], _ indexRank: Int, _ type: TensorType
    ) throws -> ConstantValue {
        let axis = try call.axis(call.integer("axis", default: 0), rank: value.type.rank)
        let extent = Int64(value.type.shape[axis])
        let chosen = try indices.map { index -> Int in
            let (counted, overflow) = index < 0 ? index.addingReportingOverflow(extent) : (index, false)
            guard !overflow, counted >= 0, counted < extent else {
                throw call.fail("index \(index) is outside extent \(extent)")
            }
            return Int(counted)
        }
        let strides = RowMajor.strides(value.type.shape)
        let indexStrides = RowMajor.strides(Array(type.shape[axis..<(axis + indexRank)]))
        let positions = RowMajor.positions(type.shape) { index in
            var position = 0
            for before in 0..<axis { position += strides[before] * index[before] }
            var chosenPosition = 0
            for part in 0..<indexRank { chosenPosition += indexStrides[part] * index[axis + part] }
            position += strides[axis] * chosen[chosenPosition]
            for after in (axis + 1)..<max(strides.count, axis + 1) {
                position += strides[after] * index[after + indexRank - 1]
            }
            return position
        }
        return try picked(value, positions, type)
    }

    private static func concat(_ parts: [ConstantValue], axis: Int, _ type: TensorType) throws -> ConstantValue? {
        var integers: [Int64] = []
        var numbers: [Double] = []
        let outer = type.shape[..<axis].reduce(1, *)
        for row in 0..<outer {
            for part in parts {
                let length = part.type.elementCount / max(outer, 1)
                switch part.elements {
                case .integers(let values): integers += values[(row * length)..<((row + 1) * length)]
                case .numbers(let values): numbers += values[(row * length)..<((row + 1) * length)]
                }
            }
        }
        guard integers.isEmpty || numbers.isEmpty else { return nil }
        return try ConstantValue(type, type.elementType.isFloatingPoint ? .numbers(numbers) : .integers(integers))
    }
}
