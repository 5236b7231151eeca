import ModelGraph

/// A region of a tensor.
public struct TensorRegion: Hashable, Sendable, CustomStringConvertible {
    public let tensor: String
    public let region: Region

    public init(_ tensor: String, _ region: Region) {
        self.tensor = tensor
        self.region = region
    }

    public var description: String { "\(tensor)\(region)" }
}

/// What a local node reads at one of its inputs.
public enum LocalOperand: Hashable, Sendable {
    /// A region of an activation.
    case activation(TensorRegion)
    /// A region of a constant: an initializer, or what nodes compute from constants.
    case constant(TensorRegion)
    /// Integers that stand for the node's own: axes, bounds, shapes of the part.
    case integers([Int])
}

/// What a local node writes at one of its outputs.
public struct LocalResult: Hashable, Sendable {
    public let tensor: String
    /// What the node computes, in coordinates of the whole tensor.
    public let computed: Region
    /// What is kept of it; the rest was computed only because the operator gives no smaller box.
    public let kept: Region
}

/// A node of a model file that computes a region of an operator's result from regions of its inputs.
public struct LocalNode: Equatable, Sendable {
    /// The operator's type, or that of a simpler one that does the same to the part.
    public let type: String
    /// True where the operator's own attributes hold, except for those in `attributes`.
    public let keepsAttributes: Bool
    /// Attributes that differ from the operator's own: the padding that remains, the number of groups. An empty list
    /// of integers stands for an attribute that is left out.
    public let attributes: [String: AttributeValue]
    /// One for each input (nil: an absent optional one).
    public let operands: [LocalOperand?]
    /// One for each output (nil: an absent optional one).
    public let results: [LocalResult?]
}

/// What one operator needs to compute a region of its result, exactly, and how it does so.
public struct RegionNeeds: Equatable, Sendable {
    /// Position of the operator in the graph.
    public let position: Int
    /// The region of each output, the first as it was asked for.
    public let outputs: [TensorRegion]
    /// Regions of activations, each once; a tensor may occur with several.
    public let inputs: [TensorRegion]
    /// Regions of initializers that are weights, each once. One that is needed through constant operators is needed
    /// whole.
    public let weights: [TensorRegion]
    /// What computes it, in order.
    public let nodes: [LocalNode]
    /// Operations, in FLOP; elements that are computed and not kept count.
    public let flop: Double

    /// Explicit padding that remains for the part: begins of all spatial axes, then their ends (nil: not an operator
    /// with a window).
    public var padding: [Int]? {
        guard case .integers(let pads)? = nodes.first?.attributes["pads"] else { return nil }
        return pads.map(Int.init)
    }
}
