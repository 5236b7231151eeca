import NIOCore
import NIOHTTP1

/// Watches over one connection: closes it when nothing moves, answers what is not HTTP, and closes it between
/// requests when the front door stops.
///
/// It stands next to the HTTP decoder, so that it sees every part of a request and of its answer. While the agent
/// works on a whole request the connection may be silent for as long as that takes.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Sent into the pipeline when the front door stops.
    struct Stop: Sendable {}

    private enum Phase {
        case betweenRequests, reading, working, answering
    }

    private let idleTimeout: TimeAmount
    private var phase = Phase.betweenRequests
    private var requestEnded = true
    private var lastMove = NIODeadline.distantPast
    private var timer: Scheduled<Void>?
    private var stopping = false

    init(idleTimeout: Duration) { self.idleTimeout = TimeAmount(idleTimeout) }

    func handlerAdded(context: ChannelHandlerContext) {
        lastMove = .now()
        watch(context, after: idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastMove = .now()
        switch unwrapInboundIn(data) {
        case .head:
            requestEnded = false
            if phase == .betweenRequests { phase = .reading }
        case .body: break
        case .end:
            requestEnded = true
            if phase == .reading { phase = .working }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let promise = promise ?? context.eventLoop.makePromise()
        promise.futureResult.whenSuccess { loopBound.value.lastMove = .now() }
        lastMove = .now()
        var ended = false
        switch unwrapOutboundIn(data) {
        case .head(let head): if head.status.code >= 200 { phase = .answering }
        case .body: break
        case .end: ended = true
        }
        context.write(data, promise: promise)
        if ended {
            phase = requestEnded ? .betweenRequests : .reading
            if stopping { context.close(promise: nil) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Stop else { return context.fireUserInboundEventTriggered(event) }
        stopping = true
        if phase == .betweenRequests { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase != .answering, let error = error as? HTTPParserError else {
            return context.close(promise: nil)
        }
        let refusal =
            error == .headerOverflow
            ? FrontDoorError(.headersTooLarge, "the headers of this request are more or longer than the limit")
            : FrontDoorError(.badRequest, "this is not a request of HTTP/1.1: \(error)")
        let response = HTTPAnswer(refusal: refusal)
        var head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.statusCode), headers: response.headers)
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in loopBound.value.close(promise: nil) }
    }

    private func watch(_ context: ChannelHandlerContext, after delay: TimeAmount) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: delay) {
            let (watcher, context) = loopBound.value
            let silence = NIODeadline.now() - watcher.lastMove
            if watcher.phase == .working {
                watcher.watch(context, after: watcher.idleTimeout)
            } else if silence < watcher.idleTimeout {
                watcher.watch(context, after: watcher.idleTimeout - silence)
            } else {
                context.close(promise: nil)
            }
        }
    }
}
