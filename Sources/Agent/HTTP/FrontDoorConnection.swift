import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// Reads the requests of one connection, one after the other: the next is not looked at before the last is answered.
struct FrontDoorConnection {
    typealias Wire = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Of a request that is refused, at most so much is read and thrown away to keep the connection.
    static let maximumDiscardedBytes = 1 << 20
    /// Bytes of an answer that are written in one go.
    static let writeBytes = 256 << 10

    let handler: any FrontDoorHandler
    let blobs: any BlobSink
    let limits: FrontDoorLimits
    let files: NIOThreadPool

    /// Serves until the client, or the guard of the connection, closes it.
    func serve(_ wire: Wire) async throws {
        try await wire.executeThenClose { inbound, outbound in
            var request = RequestReader(parts: inbound.makeAsyncIterator())
            while let head = try await request.nextHead() {
                let answer = await answer(head, &request, outbound)
                // A small rest of a refused body is swallowed; a large one costs the connection.
                let swallowed = try await request.discard(limit: Self.maximumDiscardedBytes)
                let keeps = head.isKeepAlive && swallowed
                try await send(answer, to: outbound, keepAlive: keeps)
                guard keeps else {
                    // Closing with unread bytes would reset the connection and could take the answer with it.
                    if !swallowed { _ = try await request.discard(limit: 16 * Self.maximumDiscardedBytes) }
                    return
                }
            }
        }
    }

    private func send(
        _ answer: HTTPAnswer, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, keepAlive: Bool
    ) async throws {
        var head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.statusCode), headers: answer.headers)
        if !keepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        try await outbound.write(.head(head))
        if !answer.omitsBody {
            var rest = answer.body
            while let chunk = rest.readSlice(length: min(Self.writeBytes, rest.readableBytes)), chunk.readableBytes > 0
            {
                try await outbound.write(.body(.byteBuffer(chunk)))
            }
        }
        try await outbound.write(.end(nil))
    }

    private func answer(
        _ head: HTTPRequestHead, _ request: inout RequestReader,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async -> HTTPAnswer {
        do throws(FrontDoorError) {
            let route = try Route.parse(method: head.method.rawValue, target: head.uri)
            let expectsContinue = head.headers[canonicalForm: "Expect"].contains { $0.lowercased() == "100-continue" }
            request.continuation = expectsContinue ? outbound : nil
            return try await answer(route, head.headers, &request)
        } catch {
            return HTTPAnswer(refusal: error)
        }
    }

    private func answer(
        _ route: Route, _ headers: HTTPHeaders, _ request: inout RequestReader
    ) async throws(FrontDoorError) -> HTTPAnswer {
        switch route {
        case .health:
            return HTTPAnswer(statusCode: 200, contentType: "text/plain", body: ByteBuffer(string: "ok\n"))
        case .status:
            return HTTPAnswer(json: await handler.status())
        case .models:
            return HTTPAnswer(json: ["models": .array(try await handler.models().map(Self.json))])
        case .removeModel(let name):
            try await handler.removeModel(name: name)
            return HTTPAnswer(json: ["removed": .string(name)])
        case .putModel(let name):
            let graph = try await request.collect(limit: limits.maximumGraphBytes, what: "a graph", headers)
            return HTTPAnswer(json: try Self.json(await handler.putModel(name: name, graphFile: graph)))
        case .infer(let model):
            return try await infer(model, headers, &request)
        case .blobState(let sha256):
            return try await blobState(sha256)
        case .putBlob(let sha256):
            return try await BlobReception(blobs: blobs, files: files, limits: limits)
                .receive(sha256, headers, &request)
        }
    }

    private func infer(
        _ model: String, _ headers: HTTPHeaders, _ request: inout RequestReader
    ) async throws(FrontDoorError) -> HTTPAnswer {
        let requestID = try RequestIDHeader.parse(headers.first(name: FrontDoorHeader.requestID), limits: limits)
        let body = try await request.collect(limit: limits.maximumTensorBytes, what: "a tensor", headers)
        let input: NPYArray
        do {
            input = try NPYArray(parsing: body, name: "the request's body")
        } catch {
            throw FrontDoorError(.badRequest, error.description)
        }
        let answer = try await handler.infer(model: model, input: input, requestID: requestID)
        return HTTPAnswer(
            statusCode: 200, contentType: "application/octet-stream", body: ByteBuffer(bytes: answer.output.encoded())
        )
        .with(FrontDoorHeader.requestID, requestID)
        .with(FrontDoorHeader.plan, answer.plan.description)
        .with(FrontDoorHeader.latencyS, "\(answer.latencyS)")
    }

    private func blobState(_ sha256: String) async throws(FrontDoorError) -> HTTPAnswer {
        let blobs = self.blobs
        let state = await files.result { try blobs.state(ofBlob: sha256) }
        switch state {
        case .success(.complete(let byteCount)): return HTTPAnswer(statusCode: 200, lengthOnly: byteCount)
        case .success(.partial(let byteCount)):
            return HTTPAnswer(statusCode: 404, lengthOnly: 0).with(FrontDoorHeader.partialBytes, "\(byteCount)")
        case .success(.absent):
            return HTTPAnswer(statusCode: 404, lengthOnly: 0).with(FrontDoorHeader.partialBytes, "0")
        case .failure(let error): throw FrontDoorError(.internalError, "the weight store: \(error)")
        }
    }

    private static func json(_ value: some Encodable) throws(FrontDoorError) -> JSONValue {
        do {
            return try JSON.value(of: value)
        } catch {
            throw FrontDoorError(.internalError, "the answer cannot be written as JSON: \(error)")
        }
    }
}

/// The id under which a request is answered once, however often it is asked.
enum RequestIDHeader {
    static func parse(_ header: String?, limits: FrontDoorLimits) throws(FrontDoorError) -> String {
        guard let header else {
            var generator = SystemRandomNumberGenerator()
            return [generator.next(), generator.next()].map { (word: UInt64) in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }
        let printable = header.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard printable, !header.isEmpty, header.utf8.count <= limits.maximumRequestIDBytes else {
            throw FrontDoorError(
                .badRequest,
                "\(FrontDoorHeader.requestID) must be 1 to \(limits.maximumRequestIDBytes) printable ASCII characters "
                    + "without spaces")
        }
        return header
    }
}

extension NIOThreadPool {
    /// Runs blocking work on a thread of the pool.
    func result<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async -> Result<Value, any Error> {
        do {
            return .success(try await runIfActive(work))
        } catch {
            return .failure(error)
        }
    }
}
