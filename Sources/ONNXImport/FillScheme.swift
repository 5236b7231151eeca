import ModelGraph

/// How the elements of a weight are drawn when there is nothing learned to load.
enum FillScheme: Equatable, Sendable {
    case normal(mean: Float, deviation: Float)
    case uniform(Float, Float)
    /// Tables of positions and masks: an index that is always valid, a condition that always holds.
    case constant(Int)
}

/// Finds out what each weight is for, and so how large its elements may be for activations to keep their scale.
///
/// Convolutions get a variance of 2 / fan-in (He et al. 2015, "Delving Deep into Rectifiers", equation 10), other
/// products 1 / fan-in, so that products keep the scale of what enters; scales lie around 1, variances are positive.
struct FillSchemes {
    private struct Use {
        let node: NodeDescription
        let input: Int
    }

    private let uses: [String: [Use]]
    private let types: [String: TensorType]

    init(_ graph: ModelGraph) {
        var uses: [String: [Use]] = [:]
        for position in graph.nodeOrder {
            let node = graph.nodes[position]
            for (input, name) in node.inputs.enumerated() where graph.constants[name] != nil {
                uses[name, default: []].append(Use(node: node, input: input))
            }
        }
        self.uses = uses
        var types = graph.constantTypes
        for initializer in graph.initializers { types[initializer.name] = initializer.type }
        self.types = types
    }

    func scheme(of name: String, type: TensorType) -> FillScheme {
        guard type.elementType.isFloatingPoint else {
            return .constant(type.elementType == .boolean ? 1 : 0)
        }
        // A weight that several operators share is drawn for the product among them, which is the most sensitive.
        let candidates = (uses[name] ?? []).compactMap { scheme($0, shape: type.shape, depth: 0) }
        return candidates.min { rank($0) < rank($1) } ?? .normal(mean: 0, deviation: 0.05)
    }

    private func rank(_ scheme: FillScheme) -> Int {
        switch scheme {
        case .normal(let mean, let deviation): mean == 0 && deviation != 0.05 ? 0 : 1
        case .uniform: 1
        case .constant: 2
        }
    }

    private func scheme(_ use: Use, shape: [Int], depth: Int) -> FillScheme? {
        switch (use.node.type, use.input) {
        case ("Conv", 1): return product(fanIn: shape.dropFirst(), gain: 2)
        case ("ConvTranspose", 1): return product(fanIn: shape.prefix(1), gain: 2)
        case ("Gemm", 1):
            let isTurned = use.node.attributes["transB"] == .integer(1)
            return product(fanIn: isTurned ? shape.suffix(1) : shape.prefix(1), gain: 1)
        case ("Gemm", 0):
            let isTurned = use.node.attributes["transA"] == .integer(1)
            return product(fanIn: isTurned ? shape.prefix(1) : shape.suffix(1), gain: 1)
        case ("MatMul", 1): return product(fanIn: shape.count > 1 ? shape.suffix(2).prefix(1) : shape[...], gain: 1)
        case ("MatMul", 0): return product(fanIn: shape.suffix(1), gain: 1)
        case ("Gather", 0): return product(fanIn: shape.suffix(1), gain: 1)
        case ("BatchNormalization", 4): return .uniform(0.5, 1.5)
        case ("BatchNormalization", 1), ("LayerNormalization", 1), ("InstanceNormalization", 1),
            ("GroupNormalization", 1), ("RMSNormalization", 1):
            return .normal(mean: 1, deviation: 0.1)
        case ("BatchNormalization", 2...3): return .normal(mean: 0, deviation: 0.1)
        case ("Mul", _), ("Div", _): return .uniform(0.8, 1.2)
        case ("PRelu", 1): return .uniform(0.1, 0.3)
        default: return through(use, shape: shape, depth: depth)
        }
    }

    /// A weight may reach its product through operators on constants, such as a transposition.
    private func through(_ use: Use, shape: [Int], depth: Int) -> FillScheme? {
        guard depth < 8, use.input == 0, let result = use.node.outputs.first, let type = types[result] else {
            return nil
        }
        return (uses[result] ?? []).lazy.compactMap { scheme($0, shape: type.shape, depth: depth + 1) }.first
    }

    private func product(fanIn: ArraySlice<Int>, gain: Float) -> FillScheme {
        let count = fanIn.reduce(Float(1)) { $0 * Float(max($1, 1)) }
        return .normal(mean: 0, deviation: (gain / count).squareRoot())
    }
}
