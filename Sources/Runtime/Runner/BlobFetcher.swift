import Costs
import NIOCore
import Synchronization

/// Set from one thread, seen by another: the work is not wanted any more.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    func cancel() { flag.store(true, ordering: .relaxed) }
    var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// A piece of a blob as a peer answered it.
struct BlobPiece: Sendable {
    var offset: UInt64
    var totalBytes: UInt64
    var bytes: ByteBuffer
}

/// Brings blobs into the store, from whichever peer has them. Blocks: used on the loader's thread only.
struct BlobFetcher: Sendable {
    let store: WeightStore
    /// Asks a peer for what follows an offset, and waits for the answer.
    let request: @Sendable (NodeID, String, UInt64) throws -> BlobPiece
    let cancellation: Cancellation

    /// Brings one blob, unless it is there. Gives the bytes that crossed the network.
    ///
    /// - Parameter byteCount: the size it must have, where that is known; another one in the store is replaced.
    /// - Throws: one sentence that says what each peer answered, or what the store refused.
    func fetch(_ sha256: String, byteCount: Int? = nil, from peers: [NodeID]) throws -> Int {
        if let there = store.byteCount(of: sha256) {
            if byteCount == nil || byteCount == there { return 0 }
            try store.remove(sha256)
        }
        var answers: [String] = []
        var receivedBytes = 0
        for peer in peers {
            // What is bad on one peer is thrown away and asked of the next; what is good so far is kept.
            do {
                receivedBytes += try fetch(sha256, from: peer)
                return receivedBytes
            } catch let error as WeightStoreError where error.kind == .full || error.kind == .system {
                throw error
            } catch let error as TransportError where cancellation.isCancelled {
                throw error
            } catch {
                answers.append("\(peer): \(error)")
            }
        }
        let tried = answers.isEmpty ? "no board was named to ask" : answers.joined(separator: "; ")
        throw TransportError("blob \(sha256) cannot be had (\(tried))")
    }

    private func fetch(_ sha256: String, from peer: NodeID) throws -> Int {
        let partial = try store.receive(sha256)
        var receivedBytes = 0
        var totalBytes: UInt64?
        while totalBytes == nil || UInt64(partial.receivedBytes) < (totalBytes ?? 0) {
            if cancellation.isCancelled { throw TransportError("the plan is not wanted any more") }
            let offset = UInt64(partial.receivedBytes)
            let piece = try request(peer, sha256, offset)
            guard piece.offset == offset, totalBytes == nil || totalBytes == piece.totalBytes,
                !piece.bytes.readableBytesView.isEmpty || piece.totalBytes == offset
            else { throw TransportError("it answered with another piece than was asked for") }
            if totalBytes == nil { try partial.reserve(totalBytes: Int(clamping: piece.totalBytes)) }
            totalBytes = piece.totalBytes
            let bytes = piece.bytes
            let outcome = bytes.withUnsafeReadableBytes { raw in
                Result { () throws(WeightStoreError) in try partial.append(raw) }
            }
            if case .failure(let error) = outcome {
                // What came so far is of no use there, and the agent's own state would find no room beside it.
                if error.kind == .full { partial.discard() }
                throw error
            }
            receivedBytes += bytes.readableBytes
        }
        try partial.finish()
        return receivedBytes
    }
}
