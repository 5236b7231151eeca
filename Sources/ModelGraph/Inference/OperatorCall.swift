/// What is known of a tensor while shapes are inferred.
package struct TensorFact: Sendable {
    package let type: TensorType
    /// Elements, where they are known and few.
    package var value: ConstantValue?
    /// True where the tensor does not depend on any input of the graph.
    package let isConstant: Bool

    package var shape: [Int] { type.shape }
}

/// One node with what is known of its inputs: what the shape, cost and folding rules see.
package struct OperatorCall: Sendable {
    package let node: NodeDescription
    package let opset: Int
    /// Nil for an absent optional input.
    package let inputs: [TensorFact?]

    package func fail(_ reason: String) -> GraphError {
        .invalidOperator(node: node.name, type: node.type, reason: reason)
    }

    package func hasInput(_ position: Int) -> Bool { position < inputs.count && inputs[position] != nil }

    package func input(_ position: Int) throws -> TensorFact {
        guard position < inputs.count, let fact = inputs[position] else { throw fail("input \(position) is missing") }
        return fact
    }

    /// A typed result; the error names the node's first result.
    package func type(_ elementType: ElementType, _ shape: [Int]) throws -> TensorType {
        try TensorType(elementType, shape, named: node.outputs.first ?? node.name)
    }

    // MARK: Attributes

    private func checked(_ value: Int64, _ name: String) throws -> Int {
        guard abs(Int(clamping: value.magnitude)) <= GraphLimits.maximumAttributeInteger else {
            throw fail("attribute \(name) is \(value), out of range")
        }
        return Int(value)
    }

    package func integer(_ name: String) throws -> Int? {
        switch node.attributes[name] {
        case nil: return nil
        case .integer(let value): return try checked(value, name)
        default: throw fail("attribute \(name) is not an integer")
        }
    }

    package func integer(_ name: String, default value: Int) throws -> Int { try integer(name) ?? value }

    package func integers(_ name: String) throws -> [Int]? {
        switch node.attributes[name] {
        case nil: return nil
        case .integers(let values):
            guard values.count <= 4 * GraphLimits.maximumRank else { throw fail("attribute \(name) is too long") }
            return try values.map { try checked($0, name) }
        default: throw fail("attribute \(name) is not a list of integers")
        }
    }

    package func text(_ name: String, default value: String) throws -> String {
        switch node.attributes[name] {
        case nil: return value
        case .text(let text): return text
        default: throw fail("attribute \(name) is not a string")
        }
    }

    // MARK: Constant inputs

    /// Elements of a constant integer input, limited to a range in which sums and products cannot overflow.
    package func constantIntegers(_ position: Int) throws -> [Int] {
        let fact = try input(position)
        guard let values = fact.value?.integers else {
            throw GraphError.unknownDimension(
                tensor: node.outputs.first ?? node.name,
                reason: "input \(position) of \(node.type) at node '\(node.name)' is not a known constant")
        }
        let bound = Int64(GraphLimits.maximumTensorBytes)
        return values.map { Int(min(max($0, -bound), bound)) }
    }

    /// Values given as an input by newer operator sets and as an attribute by older ones.
    package func integers(input position: Int, orAttribute name: String) throws -> [Int]? {
        hasInput(position) ? try constantIntegers(position) : try integers(name)
    }

    // MARK: Axes

    /// An axis counted from the end where negative; throws where it is outside the rank.
    package func axis(_ axis: Int, rank: Int) throws -> Int {
        let normalized = axis < 0 ? axis + rank : axis
        guard normalized >= 0, normalized < rank else { throw fail("axis \(axis) is outside rank \(rank)") }
        return normalized
    }

    package func axes(_ axes: [Int], rank: Int) throws -> [Int] {
        let normalized = try axes.map { try axis($0, rank: rank) }
        guard Set(normalized).count == normalized.count else { throw fail("axes \(axes) repeat an axis") }
        return normalized
    }

    /// The shape to which all shapes broadcast (the usual multidirectional rule).
    package func broadcast(_ shapes: [[Int]]) throws -> [Int] {
        let rank = shapes.map(\.count).max() ?? 0
        var result = [Int](repeating: 1, count: rank)
        for shape in shapes {
            let offset = rank - shape.count
            for (position, dimension) in shape.enumerated() where dimension != 1 {
                let present = result[offset + position]
                guard present == 1 || present == dimension else { throw fail("shapes \(shapes) do not broadcast") }
                result[offset + position] = dimension
            }
        }
        return result
    }
}

/// How one type of operator turns input types into output types, and what it costs.
struct OperatorRule: Sendable {
    /// Types of the results, in order; a node may leave trailing ones out.
    let types: @Sendable (OperatorCall) throws -> [TensorType]
    /// Multiply-accumulates (docs/onnx-format.md, "Costs"): a FLOP figure is twice this.
    let accumulates: @Sendable (OperatorCall, [TensorType]) throws -> Double
    let worksInPlace: Bool

    init(
        worksInPlace: Bool = false,
        accumulates: @escaping @Sendable (OperatorCall, [TensorType]) throws -> Double = { _, _ in 0 },
        types: @escaping @Sendable (OperatorCall) throws -> [TensorType]
    ) {
        self.types = types
        self.accumulates = accumulates
        self.worksInPlace = worksInPlace
    }

    /// The cost of work that touches every element of the first result once.
    static let everyOutput: @Sendable (OperatorCall, [TensorType]) throws -> Double = { _, types in
        Double(types.first?.elementCount ?? 0)
    }

    /// The cost of work that touches every element of the first input once.
    static let everyInput: @Sendable (OperatorCall, [TensorType]) throws -> Double = { call, _ in
        Double(try call.input(0).type.elementCount)
    }
}

extension ModelGraph {
    /// An operator with what is known of its inputs, for rules of other modules.
    package func call(of position: Int) -> OperatorCall {
        let node = nodes[operators[position].node]
        let inputs = node.inputs.map { name -> TensorFact? in
            tensorType(named: name).map {
                TensorFact(type: $0, value: constantValue(of: name), isConstant: tensors[name] == nil)
            }
        }
        return OperatorCall(node: node, opset: opset, inputs: inputs)
    }
}
