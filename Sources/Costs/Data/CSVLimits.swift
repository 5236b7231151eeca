/// What a CSV text may cost; each limit is checked before the memory for more is taken.
public struct CSVLimits: Sendable, Equatable {
    /// Longest text in bytes.
    public var maximumBytes: Int
    /// Most rows, the header and comments not counted.
    public var maximumRows: Int
    /// Longest line in bytes, without its end.
    public var maximumLineBytes: Int

    public init(maximumBytes: Int, maximumRows: Int, maximumLineBytes: Int) {
        self.maximumBytes = maximumBytes
        self.maximumRows = maximumRows
        self.maximumLineBytes = maximumLineBytes
    }

    /// Ten years of a zone at five minutes' resolution stay below these.
    public static let carbon = CSVLimits(
        maximumBytes: 256 << 20, maximumRows: 1_100_000, maximumLineBytes: 4096)
    /// Every bundle of 200 layers on 8 devices at 6 frequencies stays below these.
    public static let profile = CSVLimits(
        maximumBytes: 256 << 20, maximumRows: 1_000_000, maximumLineBytes: 4096)
}
