import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A web service on a loopback port that answers as a test wants.
final class LocalService: Sendable {
    struct Question: Sendable {
        var uri: String
        var headers: HTTPHeaders
    }

    enum Reply: Sendable {
        case text(String, status: Int = 200, headers: [(String, String)] = [("content-type", "application/json")])
        /// Accepts the question and says nothing.
        case silence
        /// Ends the connection without a word.
        case hangUp
    }

    let port: Int
    private let channel: any Channel
    private let asked = Mutex<[Question]>([])

    var address: String { "http://127.0.0.1:\(port)" }
    /// What was asked so far.
    var questions: [Question] { asked.withLock { $0 } }

    private init(channel: any Channel, port: Int) {
        self.channel = channel
        self.port = port
    }

    /// Runs a service while the body runs.
    static func run<Result: Sendable>(
        _ answer: @escaping @Sendable (Question) -> Reply, _ body: (LocalService) async throws -> Result
    ) async throws -> Result {
        let box = Box(answer: answer)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(box: box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let service = LocalService(channel: channel, port: channel.localAddress?.port ?? 0)
        box.service.withLock { $0 = service }
        do {
            let result = try await body(service)
            try await channel.close().get()
            return result
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    final class Box: Sendable {
        let answer: @Sendable (Question) -> Reply
        let service = Mutex<LocalService?>(nil)

        init(answer: @escaping @Sendable (Question) -> Reply) { self.answer = answer }

        func reply(_ question: Question) -> Reply {
            service.withLock { service in service?.asked.withLock { $0.append(question) } }
            return answer(question)
        }
    }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let box: Box

        init(box: Box) { self.box = box }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            let channel = context.channel
            switch box.reply(Question(uri: head.uri, headers: head.headers)) {
            case .silence: break
            case .hangUp: channel.close(promise: nil)
            case .text(let text, let status, let headers):
                var fields = HTTPHeaders(headers)
                fields.replaceOrAdd(name: "content-length", value: "\(text.utf8.count)")
                fields.replaceOrAdd(name: "connection", value: "close")
                let head = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
                channel.write(HTTPServerResponsePart.head(head), promise: nil)
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
                channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
