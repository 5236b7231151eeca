/// Sizes beyond which a model file is refused by name.
public enum ImportLimits {
    /// The format's own limit for one file; larger models keep their weights in external data.
    public static let maximumGraphFileBytes = 2_147_483_647
    /// What is left of a graph file without the bytes of its large initializers.
    public static let maximumGraphPartBytes = 256 << 20
    /// Nesting of messages inside a graph file.
    public static let maximumNesting = 32
    public static let maximumInitializers = 200_000
    /// Functions that call functions.
    public static let maximumFunctionDepth = 16
    /// Nodes after all functions are written out.
    public static let maximumNodes = 200_000
    public static let maximumNameBytes = 4096
    /// One data file that is filled with weights.
    public static let maximumFilledBytes = 1 << 36
}
