/// What one front door takes at most.
public struct FrontDoorLimits: Sendable, Equatable {
    public var maximumConnections = 128
    /// Of an inference request: one tensor.
    public var maximumTensorBytes = 64 << 20
    /// Of a graph without its large weights.
    public var maximumGraphBytes = 16 << 20
    /// Of one blob of weights.
    public var maximumBlobBytes = 16 << 30
    public var maximumHeaderFields = 64
    public var maximumHeaderFieldBytes = 4096
    public var maximumHeaderBytes = 16 << 10
    public var maximumRequestIDBytes = 128
    /// A connection on which nothing moves for so long is closed, between requests and inside one.
    public var idleTimeout: Duration = .seconds(30)
    /// Bytes of uploads that are written to the disk in one go.
    public var diskWriteBytes = 1 << 20

    public init() {}
}
