/// Where uploaded weights go: the weight store, as the front door sees it.
///
/// The methods may block on the disk; the front door calls them from threads of its own.
public protocol BlobSink: Sendable {
    /// What is here of the bytes with this SHA-256 (64 lower-case hexadecimal digits).
    func state(ofBlob sha256: String) throws -> BlobState

    /// Begins to write, after the `offset` bytes that are here already.
    ///
    /// - Throws: where the partial blob does not have exactly `offset` bytes, another upload of the same blob is
    ///   under way, or the disk refuses.
    func beginUpload(ofBlob sha256: String, offset: Int, byteCount: Int) throws -> any BlobUpload
}

public enum BlobState: Sendable, Equatable {
    case absent
    /// An upload was cut off after this many bytes.
    case partial(byteCount: Int)
    case complete(byteCount: Int)
}

/// One upload of one blob; used by one connection, one call at a time.
public protocol BlobUpload: Sendable {
    func append(_ bytes: UnsafeRawBufferPointer) throws
    /// Verifies the content against its address and makes the blob visible.
    ///
    /// - Throws: where the content is not what the address says; the partial blob is then removed.
    func finish() throws
    /// Keeps what has arrived for a later upload to go on from; may be called more than once.
    func suspend()
}
