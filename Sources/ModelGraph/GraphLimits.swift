/// Sizes beyond which a graph is refused by name, so that no outside number can overflow or exhaust memory.
public enum GraphLimits {
    public static let maximumOperators = 200_000
    /// Inputs, and outputs, of one operator.
    public static let maximumOperatorTensors = 4096
    /// Weights of all operators and constants together, counted wherever they are needed.
    public static let maximumWeightUses = 1 << 22
    public static let maximumRank = 16
    public static let maximumDimension = 1 << 30
    public static let maximumTensorBytes = 1 << 40
    /// Larger constants keep their operators; their values are not computed while the graph is read.
    public static let maximumFoldedElements = 16_384
    /// All constants together that are computed while one graph is read.
    public static let maximumFoldedElementsInAll = 1 << 22
    /// Initializers up to this number of elements keep their values in the graph: axes, shapes, bounds.
    public static let maximumKeptElements = 64
    /// Attributes that count or place something (axes, strides, pads) stay below this.
    public static let maximumAttributeInteger = 1 << 30
    /// Constants up to this size stand inside a graph file; larger ones are external data.
    public static let inlineBytes = 1024
}
