import Crypto
import Glibc

/// A blob that is being received: what came so far is on disk and survives an interruption.
///
/// One thread uses it at a time.
public final class PartialBlob {
    public let sha256: String
    /// Bytes that are there; the next piece starts here.
    public private(set) var receivedBytes = 0

    private let store: WeightStore
    private let path: String
    private var descriptor: Int32
    private var hash = SHA256()
    private var room: Int?

    /// - Parameter resume: keep what an earlier transfer left in the file; it is hashed again.
    init(
        store: WeightStore, sha256: String, totalBytes: Int?, path: String, resume: Bool
    ) throws(WeightStoreError) {
        self.store = store
        self.sha256 = sha256
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (resume ? 0 : O_TRUNC), 0o644)
        guard descriptor >= 0 else { throw .system("write", path) }
        if resume { try hashWhatIsThere() }
        room = store.limitBytes.map { $0 - store.usedBytes() }
        if let totalBytes { try reserve(totalBytes: totalBytes) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Refuses early a blob that the store cannot hold.
    public func reserve(totalBytes: Int) throws(WeightStoreError) {
        if let room, let limit = store.limitBytes, totalBytes - receivedBytes > room {
            throw WeightStoreError(
                .full,
                "blob \(sha256) of \(totalBytes) bytes does not fit: the store \(store.directory) may hold "
                    + "\(limit) bytes and has \(max(room, 0)) left")
        }
        guard totalBytes >= receivedBytes else {
            discard()
            throw WeightStoreError(
                .corrupt,
                "of blob \(sha256), \(receivedBytes) bytes were there, but it has \(totalBytes); they are dropped")
        }
    }

    /// Adds the next piece.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(WeightStoreError) {
        if let room, let limit = store.limitBytes, bytes.count > room {
            throw WeightStoreError(
                .full, "blob \(sha256) does not fit: the store \(store.directory) may hold \(limit) bytes")
        }
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written,
                off_t(receivedBytes + written))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path) }
            written += count
        }
        hash.update(bufferPointer: bytes)
        receivedBytes += bytes.count
        room = room.map { $0 - bytes.count }
    }

    /// Verifies the whole and gives it its name. A wrong one is deleted.
    public func finish() throws(WeightStoreError) {
        let digest = WeightStore.hexadecimal(hash.finalize())
        guard digest == sha256 else {
            discard()
            throw WeightStoreError(
                .corrupt, "what came as blob \(sha256) has SHA-256 \(digest); it was thrown away")
        }
        guard fsync(descriptor) == 0 else { throw .system("write", path) }
        close(descriptor)
        descriptor = -1
        guard rename(path, store.path(of: sha256)) == 0 else { throw .system("name", store.path(of: sha256)) }
    }

    /// Throws away what came so far.
    public func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        receivedBytes = 0
        unlink(path)
    }

    private func hashWhatIsThere() throws(WeightStoreError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(receivedBytes))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path) }
            if count == 0 { return }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            receivedBytes += count
        }
    }
}
