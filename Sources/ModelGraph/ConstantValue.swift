/// A small constant whose elements are known while the graph is read.
public struct ConstantValue: Sendable, Equatable {
    /// Integers and truth values (0, 1) are kept exactly; all floating-point types as `Double`.
    public enum Elements: Sendable, Equatable {
        case integers([Int64])
        case numbers([Double])

        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .numbers(let values): values.count
            }
        }
    }

    public let type: TensorType
    public let elements: Elements

    /// Throws where the number of elements is not that of the shape, or their kind not that of the type.
    public init(_ type: TensorType, _ elements: Elements) throws {
        let matches =
            switch elements {
            case .integers: !type.elementType.isFloatingPoint
            case .numbers: type.elementType.isFloatingPoint
            }
        guard matches, elements.count == type.elementCount else {
            throw GraphError.limitExceeded(
                what: "the number of elements of a constant of shape \(type.shape)", value: String(elements.count),
                limit: String(type.elementCount))
        }
        self.type = type
        self.elements = elements
    }

    /// A vector of `int64`, the form in which graphs hold shapes and axes.
    public static func vector(_ values: [Int]) throws -> ConstantValue {
        try ConstantValue(TensorType(.int64, [values.count]), .integers(values.map(Int64.init)))
    }

    var integers: [Int64]? {
        if case .integers(let values) = elements { values } else { nil }
    }
}
