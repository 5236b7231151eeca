/// Linear operators.
enum MatrixRules {
    static let all: [String: OperatorRule] = [
        "Gemm": OperatorRule(accumulates: gemmCost, types: gemm),
        "MatMul": OperatorRule(accumulates: matMulCost, types: matMul),
    ]

    /// Rows, inner extent and columns of op(A) op(B).
    private static func gemmExtents(_ call: OperatorCall) throws -> (rows: Int, inner: Int, columns: Int) {
        let left = try call.input(0).shape
        let right = try call.input(1).shape
        guard left.count == 2, right.count == 2 else { throw call.fail("\(left) and \(right) are not both matrices") }
        let leftTurned = try call.integer("transA", default: 0) != 0
        let rightTurned = try call.integer("transB", default: 0) != 0
        let inner = left[leftTurned ? 0 : 1]
        guard right[rightTurned ? 1 : 0] == inner else {
            throw call.fail("the inner extents of \(left) and \(right) differ")
        }
        return (left[leftTurned ? 1 : 0], inner, right[rightTurned ? 0 : 1])
    }

    @Sendable private static func gemm(_ call: OperatorCall) throws -> [TensorType] {
        let (rows, _, columns) = try gemmExtents(call)
        if call.hasInput(2) {
            let bias = try call.input(2).shape
            guard try call.broadcast([[rows, columns], bias]) == [rows, columns] else {
                throw call.fail("bias \(bias) does not fit the result [\(rows), \(columns)]")
            }
        }
        return [try call.type(call.input(0).type.elementType, [rows, columns])]
    }

    @Sendable private static func gemmCost(_ call: OperatorCall, _ types: [TensorType]) throws -> Double {
        let (_, inner, _) = try gemmExtents(call)
        return Double(types[0].elementCount) * (Double(inner) + (call.hasInput(2) ? 1 : 0))
    }

    /// The product of stacks of matrices with broadcasting; a vector counts as a row or a column.
    @Sendable private static func matMul(_ call: OperatorCall) throws -> [TensorType] {
        var left = try call.input(0).shape
        var right = try call.input(1).shape
        guard !left.isEmpty, !right.isEmpty else { throw call.fail("a scalar cannot be multiplied as a matrix") }
        let leftIsVector = left.count == 1
        let rightIsVector = right.count == 1
        if leftIsVector { left.insert(1, at: 0) }
        if rightIsVector { right.append(1) }
        guard left[left.count - 1] == right[right.count - 2] else {
            throw call.fail("the inner extents of \(left) and \(right) differ")
        }
        var shape = try call.broadcast([Array(left.dropLast(2)), Array(right.dropLast(2))])
        if !leftIsVector { shape.append(left[left.count - 2]) }
        if !rightIsVector { shape.append(right[right.count - 1]) }
        return [try call.type(call.input(0).type.elementType, shape)]
    }

    @Sendable private static func matMulCost(_ call: OperatorCall, _ types: [TensorType]) throws -> Double {
        Double(types[0].elementCount) * Double(try call.input(0).shape.last ?? 1)
    }
}
