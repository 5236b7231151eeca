/// Element type and static shape of a tensor. Its size in bytes is known to fit the limits.
public struct TensorType: Sendable, Hashable {
    public let elementType: ElementType
    public let shape: [Int]
    public let elementCount: Int

    public var byteCount: Int { elementCount * elementType.byteCount }
    public var rank: Int { shape.count }

    /// Throws `GraphError` where a dimension is negative or the tensor outgrows `GraphLimits`.
    public init(_ elementType: ElementType, _ shape: [Int], named name: @autoclosure () -> String = "?") throws {
        guard shape.count <= GraphLimits.maximumRank else {
            throw GraphError.limitExceeded(
                what: "the rank of tensor '\(name())'", value: String(shape.count),
                limit: String(GraphLimits.maximumRank))
        }
        var count = 1
        for dimension in shape {
            guard dimension >= 0 else {
                throw GraphError.unknownDimension(tensor: name(), reason: "a dimension is \(dimension)")
            }
            guard dimension <= GraphLimits.maximumDimension else {
                throw GraphError.limitExceeded(
                    what: "a dimension of tensor '\(name())'", value: String(dimension),
                    limit: String(GraphLimits.maximumDimension))
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= GraphLimits.maximumTensorBytes else {
                throw GraphError.limitExceeded(
                    what: "the size of tensor '\(name())' of shape \(shape)", value: "beyond counting",
                    limit: "\(GraphLimits.maximumTensorBytes) bytes")
            }
            count = product
        }
        guard count * elementType.byteCount <= GraphLimits.maximumTensorBytes else {
            throw GraphError.limitExceeded(
                what: "the size of tensor '\(name())' of shape \(shape)",
                value: "\(count * elementType.byteCount) bytes",
                limit: "\(GraphLimits.maximumTensorBytes) bytes")
        }
        self.elementType = elementType
        self.shape = shape
        self.elementCount = count
    }
}
