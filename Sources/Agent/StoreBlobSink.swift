import Glibc
import Runtime
import Synchronization

/// The weight store behind the front door's uploads.
struct StoreBlobSink: BlobSink {
    let store: WeightStore

    func state(ofBlob sha256: String) throws -> BlobState {
        if let byteCount = store.byteCount(of: sha256) { return .complete(byteCount: byteCount) }
        let byteCount = store.partialByteCount(of: sha256)
        return byteCount > 0 ? .partial(byteCount: byteCount) : .absent
    }

    func beginUpload(ofBlob sha256: String, offset: Int, byteCount: Int) throws -> any BlobUpload {
        let partial = try store.receive(sha256)
        guard partial.receivedBytes == offset else {
            throw FrontDoorError(
                .uploadConflict,
                "of blob \(sha256), \(partial.receivedBytes) bytes are here; go on from there, not from \(offset)")
        }
        try partial.reserve(totalBytes: byteCount)
        return Upload(partial)
    }

    /// A partial blob belongs to one connection, which makes one call at a time, from changing threads; the lock orders
    /// them.
    private final class Upload: BlobUpload, @unchecked Sendable {
        private let lock = Mutex(())
        private var partial: PartialBlob?

        init(_ partial: PartialBlob) { self.partial = partial }

        func append(_ bytes: UnsafeRawBufferPointer) throws {
            try lock.withLock { _ in try partial?.append(bytes) }
        }

        func finish() throws {
            try lock.withLock { _ in try partial?.finish() }
        }

        /// Closing the file is all: what arrived stays for the next upload.
        func suspend() {
            lock.withLock { _ in partial = nil }
        }
    }
}
