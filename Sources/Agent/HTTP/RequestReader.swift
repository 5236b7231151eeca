import NIOCore
import NIOHTTP1

/// Reads the parts of the requests of one connection in their order.
struct RequestReader {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    /// Is there more of the present request's body to read?
    private(set) var isOpen = false
    /// Set where the client waits for a word before it sends the body (RFC 9110, section 10.1.1).
    var continuation: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>?

    init(parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator) { self.parts = parts }

    /// The next request; nil where the client has closed the connection.
    mutating func nextHead() async throws -> HTTPRequestHead? {
        while let part = try await parts.next() {
            if case .head(let head) = part {
                isOpen = true
                continuation = nil
                return head
            }
        }
        return nil
    }

    /// The next piece of the body; nil at its end.
    ///
    /// - Throws: where the connection is lost before the body is whole.
    mutating func nextChunk() async throws -> ByteBuffer? {
        guard isOpen else { return nil }
        if let writer = continuation {
            continuation = nil
            try await writer.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        }
        switch try await parts.next() {
        case .body(let chunk): return chunk
        case .end:
            isOpen = false
            return nil
        case .head, nil: throw ChannelError.eof
        }
    }

    /// The whole body.
    ///
    /// - Throws: `FrontDoorError` of kind `payloadTooLarge` as soon as it is known to be longer than `limit`.
    mutating func collect(
        limit: Int, what: String, _ headers: HTTPHeaders
    ) async throws(FrontDoorError) -> [UInt8] {
        let declared = headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        guard declared <= limit else {
            throw FrontDoorError(.payloadTooLarge, "\(what) of \(declared) bytes is larger than the \(limit) allowed")
        }
        var body: [UInt8] = []
        body.reserveCapacity(declared)
        do {
            while let chunk = try await nextChunk() {
                guard chunk.readableBytes <= limit - body.count else {
                    throw FrontDoorError(.payloadTooLarge, "\(what) of more than \(limit) bytes is not taken")
                }
                body.append(contentsOf: chunk.readableBytesView)
            }
        } catch let error as FrontDoorError {
            throw error
        } catch {
            throw FrontDoorError(.badRequest, "the connection was lost before the request was complete")
        }
        return body
    }

    /// Throws away the rest of a body. Returns false where more than `limit` bytes of it were left.
    ///
    /// A client that still waits to be told to go on is not told to: then nothing comes, and nothing is read.
    mutating func discard(limit: Int) async throws -> Bool {
        guard isOpen else { return true }
        guard continuation == nil else { return false }
        var discarded = 0
        while isOpen {
            guard discarded <= limit else { return false }
            discarded += try await nextChunk()?.readableBytes ?? 0
        }
        return true
    }
}
