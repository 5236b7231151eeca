/// An attribute of a node, as far as the shape and cost rules look at attributes.
public enum AttributeValue: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
    case text(String)
    case integers([Int64])
    case numbers([Double])
    case texts([String])
    case tensor(ConstantValue)
    /// A nested graph: control flow.
    case graph
    /// A kind of attribute that no rule reads.
    case other
}

/// A node as the file has it. An absent optional input or output is the empty string.
public struct NodeDescription: Sendable, Equatable {
    public var name: String
    public var type: String
    public var domain: String
    public var inputs: [String]
    public var outputs: [String]
    public var attributes: [String: AttributeValue]

    public init(
        name: String, type: String, domain: String = "", inputs: [String], outputs: [String],
        attributes: [String: AttributeValue] = [:]
    ) {
        self.name = name
        self.type = type
        self.domain = domain
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
    }
}

/// What a graph is made from: a file's content without the bytes of its weights.
public struct GraphDescription: Sendable {
    public struct Value: Sendable {
        public var name: String
        public var type: TensorType
        /// Present for small constants, whose elements shape rules may need.
        public var value: ConstantValue?

        public init(name: String, type: TensorType, value: ConstantValue? = nil) {
            self.name = name
            self.type = type
            self.value = value
        }
    }

    public var name: String
    /// Version of the default operator set.
    public var opset: Int
    public var nodes: [NodeDescription]
    /// Graph inputs without initializers.
    public var inputs: [Value]
    public var outputs: [String]
    public var initializers: [Value]

    public init(
        name: String, opset: Int = 18, nodes: [NodeDescription], inputs: [Value], outputs: [String],
        initializers: [Value] = []
    ) {
        self.name = name
        self.opset = opset
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.initializers = initializers
    }
}
