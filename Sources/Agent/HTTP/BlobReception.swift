import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// Streams an upload into the weight store: the network is read only as fast as the disk takes it.
struct BlobReception {
    let blobs: any BlobSink
    let files: NIOThreadPool
    let limits: FrontDoorLimits

    func receive(
        _ sha256: String, _ headers: HTTPHeaders, _ request: inout RequestReader
    ) async throws(FrontDoorError) -> HTTPAnswer {
        let range = try ContentRange.parse(
            contentRange: headers.first(name: "Content-Range"), contentLength: headers.first(name: "Content-Length"))
        guard range.totalBytes <= limits.maximumBlobBytes else {
            throw FrontDoorError(
                .payloadTooLarge,
                "a blob of \(range.totalBytes) bytes is larger than the \(limits.maximumBlobBytes) allowed")
        }
        let blobs = self.blobs
        switch await files.result({ try blobs.state(ofBlob: sha256) }) {
        case .success(.complete(let byteCount)):
            return HTTPAnswer(json: ["sha256": .string(sha256), "byte_count": .integer(Int64(byteCount))])
        case .success(.partial(let byteCount)) where range.offset != 0 && range.offset != byteCount:
            throw conflict(sha256, range, here: byteCount)
        case .success(.absent) where range.offset != 0: throw conflict(sha256, range, here: 0)
        case .success: break
        case .failure(let error): throw FrontDoorError(.internalError, "the weight store: \(error)")
        }
        let begun = await files.result {
            try blobs.beginUpload(ofBlob: sha256, offset: range.offset, byteCount: range.totalBytes)
        }
        let upload: any BlobUpload
        switch begun {
        case .success(let value): upload = value
        case .failure(let error as FrontDoorError): throw error
        case .failure(let error): throw FrontDoorError(.uploadConflict, "blob \(sha256): \(error)")
        }
        try await write(sha256, to: upload, &request)
        let here = range.offset + range.byteCount
        guard here == range.totalBytes else {
            _ = await files.result { upload.suspend() }
            return HTTPAnswer(
                statusCode: 202, json: ["sha256": .string(sha256), "partial_bytes": .integer(Int64(here))])
        }
        switch await files.result({ try upload.finish() }) {
        case .success: break
        case .failure(let error as FrontDoorError): throw error
        case .failure(let error): throw FrontDoorError(.wrongContent, "blob \(sha256): \(error)")
        }
        return HTTPAnswer(
            statusCode: 201, json: ["sha256": .string(sha256), "byte_count": .integer(Int64(range.totalBytes))])
    }

    /// Writes the whole body; whatever goes wrong, what has arrived is kept.
    private func write(
        _ sha256: String, to upload: any BlobUpload, _ request: inout RequestReader
    ) async throws(FrontDoorError) {
        var waiting = ByteBuffer()
        var ended = false
        while !ended {
            do {
                if var chunk = try await request.nextChunk() { waiting.writeBuffer(&chunk) } else { ended = true }
            } catch {
                try await flush(&waiting, to: upload, sha256)
                _ = await files.result { upload.suspend() }
                throw FrontDoorError(.badRequest, "the connection was lost inside blob \(sha256)")
            }
            if waiting.readableBytes >= limits.diskWriteBytes || ended { try await flush(&waiting, to: upload, sha256) }
        }
    }

    private func flush(
        _ waiting: inout ByteBuffer, to upload: any BlobUpload, _ sha256: String
    ) async throws(FrontDoorError) {
        let block = waiting
        waiting = ByteBuffer()
        guard block.readableBytes > 0 else { return }
        let written = await files.result { try block.withUnsafeReadableBytes { try upload.append($0) } }
        if case .failure(let error) = written {
            _ = await files.result { upload.suspend() }
            throw FrontDoorError(.storageFull, "blob \(sha256) cannot be written: \(error)")
        }
    }

    private func conflict(_ sha256: String, _ range: ContentRange, here: Int) -> FrontDoorError {
        FrontDoorError(
            .uploadConflict,
            "blob \(sha256): the upload starts at byte \(range.offset), but \(here) bytes are here; go on from there")
    }
}
