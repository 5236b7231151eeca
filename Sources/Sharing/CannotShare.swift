/// Why an operator cannot compute a part of its result by itself: which operator, along which axis, why.
public struct CannotShare: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operator's name in the graph.
    public let `operator`: String
    public let type: String
    /// Axis of the result, counted from the outermost (nil: none in particular).
    public let axis: Int?
    public let reason: String

    public init(operator name: String, type: String, axis: Int?, reason: String) {
        self.operator = name
        self.type = type
        self.axis = axis
        self.reason = reason
    }

    public var description: String {
        "\(type) '\(`operator`)' cannot be shared\(axis.map { " along axis \($0)" } ?? ""): \(reason); "
            + "let one device compute it whole"
    }
}
