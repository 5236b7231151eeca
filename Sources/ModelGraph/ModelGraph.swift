/// A tensor of a graph.
public struct GraphTensor: Sendable, Equatable {
    public let name: String
    public let type: TensorType
    /// Position of the operator that produces it (nil: a graph input).
    public let producer: Int?
    /// Positions of the operators that read it, ascending, each once.
    public internal(set) var consumers: [Int]

    public var byteCount: Int { type.byteCount }
}

/// A constant that comes with the model.
public struct GraphInitializer: Sendable, Equatable {
    public let name: String
    public let type: TensorType
    public var byteCount: Int { type.byteCount }

    /// True for what is learned: everything but scalars and the small integer vectors of shape arithmetic.
    public var isWeight: Bool {
        byteCount > GraphLimits.inlineBytes || (!type.elementType.isIndexing && type.rank > 0)
    }
}

/// An operator that depends on an input of the graph.
public struct GraphOperator: Sendable, Equatable {
    public let name: String
    public let type: String
    /// Tensors that it reads and that are not constant, each once, in the order of its inputs.
    public let activations: [String]
    /// Tensors that it writes.
    public let outputs: [String]
    /// Initializers that it needs, also through constant operators; weights only, each once.
    public let weights: [String]
    /// Operations of one inference, in FLOP (twice the multiply-accumulates).
    public let flop: Double
    /// True where the result may take the place of the first activation (element-wise and reshape-like).
    public let worksInPlace: Bool
    /// Position of its node in the description from which the graph was made.
    public let node: Int

    /// Convolutions and linear operators, at which layers start.
    public var isConvolutionOrLinear: Bool {
        switch type {
        case "Conv", "ConvTranspose", "Gemm", "MatMul": true
        default: false
        }
    }
}

/// What a constant tensor comes from, for those who cut segments.
public enum ConstantSource: Sendable, Equatable {
    case initializer
    /// Computed while the graph was read, small.
    case value(ConstantValue)
    /// Computed by a node (position in the description) from other constants.
    case node(Int)
}

/// A model as operators in topological order over tensors with static shapes.
///
/// Operators that compute only from constants (shape arithmetic, transposed weights) are not in `operators`: they cost
/// nothing, and who cuts a segment takes them along (`constants`).
public struct ModelGraph: Sendable {
    public let name: String
    /// Version of the default operator set.
    public let opset: Int
    /// In topological order: the file's own order, where that is one.
    public let operators: [GraphOperator]
    /// Inputs and results of `operators`.
    public let tensors: [String: GraphTensor]
    /// Graph inputs, in the file's order.
    public let inputs: [String]
    public let outputs: [String]
    public let initializers: [GraphInitializer]
    /// Every constant tensor.
    public let constants: [String: ConstantSource]
    /// Types of the constants that nodes compute.
    public let constantTypes: [String: TensorType]
    /// Nodes as given; `GraphOperator.node` and `ConstantSource.node` are positions in it.
    public let nodes: [NodeDescription]

    /// Positions of the nodes that the outputs depend on, in topological order, those on constants among them.
    public let nodeOrder: [Int]

    /// Elements of initializers of at most `GraphLimits.maximumKeptElements` elements, where rules can read them.
    let initializerValues: [String: ConstantValue]
    let initializerPositions: [String: Int]
    let outputSet: Set<String>

    public func initializer(named name: String) -> GraphInitializer? {
        initializerPositions[name].map { initializers[$0] }
    }

    /// Position in `initializers`, which is also that in the description.
    public func initializerPosition(named name: String) -> Int? { initializerPositions[name] }

    /// Elements of a small constant (nil: it is none, or they were not kept).
    public func constantValue(of name: String) -> ConstantValue? {
        if case .value(let value)? = constants[name] { return value }
        return initializerValues[name]
    }

    /// Type of any tensor: an activation, an initializer or what a node computes from constants.
    public func tensorType(named name: String) -> TensorType? {
        tensors[name]?.type ?? initializer(named: name)?.type ?? constantTypes[name]
    }

    /// Operations of one inference, in FLOP.
    public var flop: Double { operators.reduce(0) { $0 + $1.flop } }

    /// Bytes of all weights, each counted once.
    public var weightBytes: Int { weightBytes(of: operators.indices) }

    /// Bytes of activations together; what is none counts nothing.
    public func activationBytes(of names: some Sequence<String>) -> Int {
        names.reduce(0) { $0 + (tensors[$1]?.byteCount ?? 0) }
    }

    /// Names of the weights that a range of operators needs, each once, in order of first use.
    public func weights(of range: Range<Int>) -> [String] {
        var seen = Set<String>()
        return operators[range].flatMap(\.weights).filter { seen.insert($0).inserted }
    }

    /// Bytes of the weights that a range of operators needs, each counted once.
    public func weightBytes(of range: Range<Int>) -> Int {
        weights(of: range).reduce(0) { $0 + (initializer(named: $1)?.byteCount ?? 0) }
    }
}
