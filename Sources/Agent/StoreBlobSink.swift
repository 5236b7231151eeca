import Glibc
import Runtime
import Synchronization

/// The weight store behind the front door's uploads.
public final class StoreBlobSink: BlobSink {
    public let store: WeightStore
    /// Blobs that a connection is writing: two writers would mix their bytes in one file.
    private let uploading = Mutex<Set<String>>([])

    public init(store: WeightStore) { self.store = store }

    public func state(ofBlob sha256: String) throws -> BlobState {
        if let byteCount = store.byteCount(of: sha256) { return .complete(byteCount: byteCount) }
        let byteCount = store.partialByteCount(of: sha256)
        return byteCount > 0 ? .partial(byteCount: byteCount) : .absent
    }

    /// An upload from the first byte on replaces what an earlier one left.
    public func beginUpload(ofBlob sha256: String, offset: Int, byteCount: Int) throws -> any BlobUpload {
        guard uploading.withLock({ $0.insert(sha256).inserted }) else {
            throw FrontDoorError(.uploadConflict, "blob \(sha256) is being uploaded by somebody else; try again later")
        }
        do {
            return Upload(try begin(sha256, offset: offset, byteCount: byteCount)) { [weak self] in
                self?.uploading.withLock { _ = $0.remove(sha256) }
            }
        } catch {
            uploading.withLock { _ = $0.remove(sha256) }
            throw error
        }
    }

    private func begin(_ sha256: String, offset: Int, byteCount: Int) throws -> PartialBlob {
        var partial = try store.receive(sha256)
        if offset == 0, partial.receivedBytes > 0 {
            partial.discard()
            partial = try store.receive(sha256)
        }
        guard partial.receivedBytes == offset else {
            throw FrontDoorError(
                .uploadConflict,
                "of blob \(sha256), \(partial.receivedBytes) bytes are here; go on from there, not from \(offset)")
        }
        do {
            try partial.reserve(totalBytes: byteCount)
        } catch {
            throw error.kind == .full ? FrontDoorError(.storageFull, error.description) : error
        }
        return partial
    }

    /// A partial blob belongs to one connection, which makes one call at a time, from changing threads; the lock orders
    /// them.
    private final class Upload: BlobUpload, @unchecked Sendable {
        private let lock = Mutex(())
        private var partial: PartialBlob?
        private let release: @Sendable () -> Void

        init(_ partial: PartialBlob, release: @escaping @Sendable () -> Void) {
            self.partial = partial
            self.release = release
        }

        deinit { release() }

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
