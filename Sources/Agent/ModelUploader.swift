import Cluster
import JSON
import NIOCore
import NIOPosix
import ONNXImport

/// Brings a model to a board: first the weights that the board lacks, each known by its SHA-256, then the graph.
public struct ModelUploader: Sendable {
    /// For one transfer without progress.
    static let timeout: Duration = .seconds(60)

    public var endpoint: Endpoint

    public init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// - Parameters:
    ///   - path: an ONNX file, its external data beside it.
    ///   - progress: called with the bytes that are there and all bytes of the weights.
    /// - Returns: the model as the cluster now knows it.
    /// - Throws: one sentence: the file, the board, or what it refused.
    public func upload(
        path: String, name: String, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> ModelRecord {
        let (graphFile, weights) = try await NIOThreadPool.singleton.runIfActive {
            try ImportedModel.load(path: path).contentAddressed()
        }
        let total = weights.reduce(0) { $0 + $1.byteCount }
        let client = HTTPClient(endpoint)
        do {
            var done = 0
            for weight in weights {
                try await put(weight, by: client)
                done += weight.byteCount
                progress(done, total)
            }
            let response = try await client.request(
                "PUT", "/v1/models/\(name)", body: .bytes(graphFile), timeout: Self.timeout)
            try Self.check(response)
            let record = try JSON.decode(ModelRecord.self, from: response.body)
            await client.close()
            return record
        } catch {
            await client.close()
            throw error
        }
    }

    /// Sends what the board lacks of one blob, from where an earlier upload stopped.
    private func put(_ weight: WeightBlob, by client: HTTPClient) async throws {
        let target = "/v1/blobs/\(weight.sha256)"
        let state = try await client.request("HEAD", target, timeout: Self.timeout)
        if state.statusCode == 200, state.header(FrontDoorHeader.partialBytes) == nil { return }
        let there = state.header(FrontDoorHeader.partialBytes).flatMap(Int.init) ?? 0
        // Cut off after its last byte, but before it was verified: nothing is left to send that would verify it.
        let offset = (0..<weight.byteCount).contains(there) ? there : 0
        do {
            try await send(weight, from: offset, to: target, by: client)
        } catch let error as FrontDoorError where error.kind == .wrongContent && offset > 0 {
            // What was left of an earlier upload was damaged; the board has thrown it away.
            try await send(weight, from: 0, to: target, by: client)
        }
    }

    private func send(
        _ weight: WeightBlob, from offset: Int, to target: String, by client: HTTPClient
    ) async throws {
        var headers: [(String, String)] = []
        if offset > 0 {
            headers.append(("Content-Range", "bytes \(offset)-\(weight.byteCount - 1)/\(weight.byteCount)"))
        }
        let body = HTTPBody.stream(byteCount: weight.byteCount - offset) { position, maximumBytes in
            weight.withBytes { bytes in
                let start = offset + position
                let end = min(start + maximumBytes, bytes.count)
                return ByteBuffer(bytes: bytes[start..<end])
            }
        }
        try Self.check(
            try await client.request("PUT", target, headers: headers, body: body, timeout: Self.timeout))
    }

    private static func check(_ response: HTTPResponse) throws {
        guard !(200..<300).contains(response.statusCode) else { return }
        throw FrontDoorError(status: response.statusCode, body: response.body)
    }
}
