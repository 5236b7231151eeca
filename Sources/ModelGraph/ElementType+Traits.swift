extension ElementType {
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Types in which graphs hold positions, sizes and conditions, as a rule, and not learned weights.
    public var isIndexing: Bool { self == .int64 || self == .int32 || self == .boolean }
}
