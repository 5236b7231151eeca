/// Bounds on what the transport takes from a peer or holds for one. None depends on what a peer says.
public struct TransportLimits: Sendable, Equatable {
    /// Names, shapes and sentences of one frame.
    public var maximumHeaderBytes = 4096
    /// Tensor or piece of a blob in one frame.
    public var maximumPayloadBytes = 256 << 20
    /// Extents of a tensor.
    public var maximumRank = 16
    /// A sentence that says why something is refused.
    public var maximumSentenceBytes = 1024
    /// Connections that were accepted and are open.
    public var maximumConnections = 256
    /// Bytes written to one peer that its socket has not taken yet, or that emulation still holds back.
    public var maximumPendingBytes = 512 << 20
    /// Tensors that wait for the executor or are in it.
    public var maximumQueuedTensors = 1024
    public var maximumQueuedBytes = 512 << 20
    /// Requests of the board's own clients whose results are not there yet.
    public var maximumHeldRequests = 4096
    /// Piece of a blob that one answer carries.
    public var maximumBlobChunkBytes = 1 << 20
    /// A connection must have said who it is by then.
    public var helloTimeoutS = 10.0
    /// A peer that does not accept a connection by then is not there.
    public var connectTimeoutS = 3.0
    /// A blob whose next piece takes longer is asked of another peer.
    public var blobTimeoutS = 20.0

    public init() {}
}
