import Cluster
import NIOCore
import NIOHTTP1
import Synchronization

/// One connection of an `HTTPClient`.
struct HTTPClientConnection: Sendable {
    let endpoint: Endpoint
    let channel: any Channel
    let exchange: NIOLoopBound<HTTPClientExchange>

    var isUsable: Bool { channel.isActive }

    /// Sends one request while it listens for the response, which may come, and end the request, at any time.
    func exchange(
        _ head: HTTPRequestHead, _ body: HTTPBody, timeout: Duration
    ) async throws(HTTPClientError) -> HTTPResponse {
        let promise = channel.eventLoop.makePromise(of: HTTPResponse.self)
        let exchange = self.exchange
        let channel = self.channel
        channel.eventLoop.execute {
            exchange.value.begin(promise, isHead: head.method == .HEAD, channel: channel, timeout: TimeAmount(timeout))
        }
        let sending = Task { try await send(head, body) }
        let result: Result<HTTPResponse, any Error>
        do {
            result = .success(
                try await withTaskCancellationHandler {
                    try await promise.futureResult.get()
                } onCancel: {
                    channel.close(promise: nil)
                })
        } catch {
            result = .failure(error)
        }
        sending.cancel()
        // A response to a request that was not sent whole leaves the connection in the middle of it.
        let sent = await sending.result
        if case .failure = sent { channel.close(promise: nil) }
        switch (result, sent) {
        case (.success(let response), _): return response
        case (.failure, .failure(let error as HTTPClientError)) where error.kind == .unreadableBody: throw error
        case (.failure(let error as HTTPClientError), _): throw error
        case (.failure(let error), _):
            throw HTTPClientError(.connectionLost, "the connection to \(endpoint) was lost: \(error)")
        }
    }

    private func send(_ head: HTTPRequestHead, _ body: HTTPBody) async throws {
        switch body {
        case .none: channel.write(HTTPClientRequestPart.head(head), promise: nil)
        case .bytes(let bytes):
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !bytes.isEmpty {
                channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
            }
        case .stream(let byteCount, let read):
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            var offset = 0
            while offset < byteCount {
                try Task.checkCancellation()
                let chunk: ByteBuffer
                do {
                    chunk = try read(offset, min(HTTPClient.chunkBytes, byteCount - offset))
                } catch {
                    channel.close(promise: nil)
                    throw HTTPClientError(.unreadableBody, "cannot read what goes to \(endpoint): \(error)")
                }
                guard chunk.readableBytes > 0, chunk.readableBytes <= byteCount - offset else {
                    channel.close(promise: nil)
                    throw HTTPClientError(
                        .unreadableBody, "what goes to \(endpoint) ends at byte \(offset) of \(byteCount)")
                }
                offset += chunk.readableBytes
                try await channel.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(chunk))).get()
                let exchange = self.exchange
                channel.eventLoop.execute { exchange.value.moved() }
            }
        }
        try await channel.writeAndFlush(HTTPClientRequestPart.end(nil)).get()
    }
}

/// Collects the response to the request under way; lives on the event loop of its connection.
final class HTTPClientExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let endpoint: Endpoint
    private let maximumResponseBytes: Int
    private var promise: EventLoopPromise<HTTPResponse>?
    private var isHead = false
    private var response: HTTPResponse?
    private var keepsAlive = true
    private var closed = false
    private var timer: Scheduled<Void>?
    private var lastMove = NIODeadline.now()

    init(endpoint: Endpoint, maximumResponseBytes: Int) {
        self.endpoint = endpoint
        self.maximumResponseBytes = maximumResponseBytes
    }

    func begin(_ promise: EventLoopPromise<HTTPResponse>, isHead: Bool, channel: any Channel, timeout: TimeAmount) {
        self.promise = promise
        self.isHead = isHead
        response = nil
        moved()
        if closed { return fail(.notConnected, "the connection to \(endpoint) was closed", channel) }
        watch(channel, timeout, after: timeout)
    }

    /// Something was sent or received.
    func moved() { lastMove = .now() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        moved()
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return }
            keepsAlive = head.isKeepAlive
            response = HTTPResponse(
                statusCode: Int(head.status.code), headers: head.headers.map { ($0.name, $0.value) }, body: [])
        case .body(let chunk):
            let size = response?.body.count ?? 0
            guard chunk.readableBytes <= maximumResponseBytes - size else {
                return fail(
                    .invalidResponse, "the response of \(endpoint) is larger than \(maximumResponseBytes) bytes",
                    context.channel)
            }
            response?.body.append(contentsOf: chunk.readableBytesView)
        case .end:
            guard let response else { return }
            self.response = nil
            timer?.cancel()
            // Before closing, which tells this handler at once that the connection is gone.
            let answered = promise
            promise = nil
            answered?.succeed(response)
            if !keepsAlive { context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An end in the middle of a response is also reported as one of the parser's errors.
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            fail(.invalidResponse, "\(endpoint) does not answer as a front door does: \(error)", context.channel)
        } else {
            fail(.connectionLost, "the connection to \(endpoint) was lost: \(error)", context.channel)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed = true
        fail(.connectionLost, "\(endpoint) closed the connection before it had answered", context.channel)
    }

    private func fail(_ kind: HTTPClientError.Kind, _ sentence: String, _ channel: any Channel) {
        timer?.cancel()
        let unanswered = promise
        promise = nil
        unanswered?.fail(HTTPClientError(kind, sentence))
        channel.close(promise: nil)
    }

    private func watch(_ channel: any Channel, _ timeout: TimeAmount, after delay: TimeAmount) {
        let loopBound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        timer = channel.eventLoop.scheduleTask(in: delay) {
            let exchange = loopBound.value
            let silence = NIODeadline.now() - exchange.lastMove
            if silence < timeout {
                exchange.watch(channel, timeout, after: timeout - silence)
            } else {
                let seconds = Double(timeout.nanoseconds) / 1e9
                exchange.fail(.timeout, "\(exchange.endpoint) has not answered for \(seconds) s", channel)
            }
        }
    }
}
