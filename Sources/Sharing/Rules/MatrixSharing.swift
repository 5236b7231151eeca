/// MatMul over stacks of matrices: rows need rows of the left operand, columns need columns of the right one.
struct MatMulSharing: SharingRule {
    let shared: SharedOperator

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let left = shared.inputShape(0)
        let right = shared.inputShape(1)
        var stack = region.ranges
        let columns = right.count == 1 ? nil : stack.popLast()
        let rows = left.count == 1 ? nil : stack.popLast()
        let stacks = Region(stack)
        let inner = 0..<(left.last ?? 0)
        var leftRanges = stacks.broadcast(to: Array(left.dropLast(2))).ranges
        if let rows { leftRanges.append(rows) }
        leftRanges.append(inner)
        var rightRanges = stacks.broadcast(to: Array(right.dropLast(2))).ranges
        rightRanges.append(inner)
        if let columns { rightRanges.append(columns) }
        return [
            try shared.local(
                region, operands: [shared.operand(0, Region(leftRanges)), shared.operand(1, Region(rightRanges))])
        ]
    }
}

/// Gemm: op(A) op(B) + C.
struct GemmSharing: SharingRule {
    let shared: SharedOperator
    let leftIsTurned: Bool
    let rightIsTurned: Bool

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let inner = 0..<shared.inputShape(0)[leftIsTurned ? 0 : 1]
        var operands = [
            shared.operand(0, Region(leftIsTurned ? [inner, region[0]] : [region[0], inner])),
            shared.operand(1, Region(rightIsTurned ? [region[1], inner] : [inner, region[1]])),
        ]
        if shared.call.hasInput(2) {
            operands.append(shared.operand(2, region.broadcast(to: shared.inputShape(2))))
        }
        return [try shared.local(region, operands: operands)]
    }
}
