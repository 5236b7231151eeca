/// What a JSON text may cost: both limits are checked before anything is parsed.
public struct JSONLimits: Sendable, Equatable {
    /// Longest text in bytes.
    public var maximumBytes: Int
    /// Deepest nesting of arrays and objects; `[]` has depth 1.
    public var maximumDepth: Int

    /// - Precondition: both limits are at least 1; the depth is at most 1,000, since values nest on the stack.
    public init(maximumBytes: Int, maximumDepth: Int) {
        precondition(maximumBytes >= 1, "a JSON text has at least one byte")
        precondition((1...1000).contains(maximumDepth), "the nesting limit must be 1 to 1,000")
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    /// A message between boards: 256 KiB, 32 levels.
    public static let message = JSONLimits(maximumBytes: 256 * 1024, maximumDepth: 32)
    /// A document that a person or a child process hands over: 64 MiB, 64 levels.
    public static let document = JSONLimits(maximumBytes: 64 * 1024 * 1024, maximumDepth: 64)
}
