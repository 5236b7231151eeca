import ModelGraph

/// How one kind of operator computes a part of its result.
protocol SharingRule: Sendable {
    /// The nodes that compute a region of the first output, which is not empty and lies within it.
    func nodes(for region: Region) throws(CannotShare) -> [LocalNode]
}

/// One operator with all that its rule asks about it.
struct SharedOperator: Sendable {
    let name: String
    let call: OperatorCall
    /// Types of the outputs by position (nil: absent).
    let outputs: [TensorType?]

    var node: NodeDescription { call.node }
    /// The first output's shape.
    var shape: [Int] { outputs.first.flatMap { $0?.shape } ?? [] }

    func inputShape(_ position: Int) -> [Int] {
        position < call.inputs.count ? call.inputs[position]?.shape ?? [] : []
    }

    func refusal(_ axis: Int?, _ reason: String) -> CannotShare {
        CannotShare(operator: name, type: node.type, axis: axis, reason: reason)
    }

    /// Throws where the region does not hold all of one of these axes.
    func requireWhole(
        _ axes: some Sequence<Int>, of region: Region, _ reason: @autoclosure () -> String
    ) throws(CannotShare) {
        for axis in axes where region[axis] != 0..<shape[axis] { throw refusal(axis, reason()) }
    }

    /// The operand at an input (nil: it is absent).
    func operand(_ position: Int, _ region: Region) -> LocalOperand? {
        guard position < call.inputs.count, let fact = call.inputs[position] else { return nil }
        let named = TensorRegion(node.inputs[position], region)
        return fact.isConstant ? .constant(named) : .activation(named)
    }

    func wholeOperand(_ position: Int) -> LocalOperand? { operand(position, .whole(inputShape(position))) }

    /// Operands that broadcast to a region of the result.
    func broadcastOperands(_ region: Region, positions: Range<Int>? = nil) -> [LocalOperand?] {
        (positions ?? call.inputs.indices).map { operand($0, region.broadcast(to: inputShape($0))) }
    }

    /// A node of the operator's own type, or of another.
    ///
    /// - Parameters:
    ///   - region: what is kept of the first output.
    ///   - computed: what is computed of it (nil: the same).
    func local(
        _ region: Region, computed: Region? = nil, operands: [LocalOperand?],
        attributes: [String: AttributeValue] = [:], type: String? = nil
    ) throws(CannotShare) -> LocalNode {
        var results: [LocalResult?] = []
        for position in outputs.indices {
            guard let output = outputs[position] else {
                results.append(nil)
                continue
            }
            results.append(
                LocalResult(
                    tensor: node.outputs[position], computed: try secondary(output, computed ?? region),
                    kept: try secondary(output, region)))
        }
        return LocalNode(
            type: type ?? node.type, keepsAttributes: type == nil, attributes: attributes, operands: operands,
            results: results)
    }

    /// The region of another output: the same indices along axes of the same extent, all of the others.
    private func secondary(_ output: TensorType, _ region: Region) throws(CannotShare) -> Region {
        if output.shape == shape { return region }
        guard output.rank == shape.count else {
            try requireWhole(shape.indices, of: region, "its outputs have different ranks")
            return .whole(output.shape)
        }
        let differing = shape.indices.filter { output.shape[$0] != shape[$0] }
        try requireWhole(differing, of: region, "its outputs differ in extent")
        return Region(shape.indices.map { output.shape[$0] == shape[$0] ? region[$0] : 0..<output.shape[$0] })
    }
}

/// For operators of which a part needs everything: they are computed whole.
struct WholeRule: SharingRule {
    let shared: SharedOperator
    let reason: String

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        try shared.requireWhole(shared.shape.indices, of: region, reason)
        return [try shared.local(region, operands: shared.call.inputs.indices.map { shared.wholeOperand($0) })]
    }
}
