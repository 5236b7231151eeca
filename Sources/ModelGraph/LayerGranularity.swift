/// How finely a chain planner may cut a model.
public enum LayerGranularity: String, Codable, Sendable, CaseIterable {
    /// A layer between every two neighbouring single-tensor cut points.
    case `operator`
    /// A layer starts at a cut point before a convolution or linear operator.
    case layer
}
