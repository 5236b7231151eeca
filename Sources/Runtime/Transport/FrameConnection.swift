import Glibc
import NIOCore
import NIOPosix

/// One TCP connection that carries frames. Everything is done and called on the channel's event loop.
final class FrameConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let channel: any Channel
    /// Such as `127.0.0.1:40112`.
    private(set) var remote: String
    /// What the other end said in its hello.
    private(set) var peer: (node: String, role: Frame.Role)?
    /// Blobs that this end is reading from disk for the other.
    var servedBlobs = 0

    private let limits: TransportLimits
    private var decoder: FrameDecoder
    /// Bytes that the kernel waits for before it wakes this end.
    private var wakingBytes = 1
    /// Runs while the kernel waits for more than one.
    private var patience: Scheduled<Void>?
    /// Bytes given to the socket that it has not taken yet.
    private(set) var pendingBytes = 0
    private let onFrame: (FrameConnection, Frame) -> Void
    private let onClose: (FrameConnection, String) -> Void
    private var closeReason = "the other end closed it"

    /// - Parameter onClose: called once, with why.
    init(
        channel: any Channel, limits: TransportLimits, onFrame: @escaping (FrameConnection, Frame) -> Void,
        onClose: @escaping (FrameConnection, String) -> Void
    ) {
        self.channel = channel
        self.limits = limits
        self.onFrame = onFrame
        self.onClose = onClose
        decoder = FrameDecoder(limits: limits)
        remote = channel.remoteAddress.map { Self.describe($0) } ?? "an unknown address"
    }

    /// The end that connects knows with whom only now.
    func channelActive(context: ChannelHandlerContext) {
        if let address = channel.remoteAddress { remote = Self.describe(address) }
        context.fireChannelActive()
    }

    /// Writes a frame; false where the other end takes too little too slowly, and the frame is not sent.
    @discardableResult
    func send(_ frame: Frame) -> Bool {
        channel.eventLoop.preconditionInEventLoop()
        let head = FrameEncoder.head(of: frame, allocator: channel.allocator)
        let byteCount = head.readableBytes + (frame.payload?.readableBytes ?? 0)
        guard pendingBytes + byteCount <= limits.maximumPendingBytes else { return false }
        pendingBytes += byteCount
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.pendingBytes -= byteCount }
        if let payload = frame.payload, payload.readableBytes > 0 {
            channel.write(head, promise: nil)
            channel.writeAndFlush(payload, promise: written)
        } else {
            channel.writeAndFlush(head, promise: written)
        }
        return true
    }

    /// Closes, and gives this reason to `onClose`.
    func close(_ reason: String) {
        closeReason = reason
        channel.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        do {
            while channel.isActive, let frame = try decoder.next(from: &buffer) {
                receive(frame)
            }
        } catch {
            close("what \(peer.map { "\($0.node) at " } ?? "")\(remote) sent cannot be read: \(error)")
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        waitForEnough()
        context.fireChannelReadComplete()
    }

    /// Packets of a tensor come one by one, and to be woken for each takes a small board's processor from what it
    /// computes: inside a payload the kernel waits for some of them, at the end for all that is left.
    private func waitForEnough() {
        wake(at: max(1, min(decoder.missingPayloadBytes, TransportSockets.wakingBytes)))
    }

    private func wake(at bytes: Int) {
        patience?.cancel()
        patience = nil
        guard channel.isActive else { return }
        if bytes > 1 {
            // An old kernel that is short of memory may hold less than that, and would wake nobody.
            patience = channel.eventLoop.assumeIsolated().scheduleTask(in: TransportSockets.patience) {
                self.wake(at: 1)
            }
        }
        guard bytes != wakingBytes else { return }
        wakingBytes = bytes
        // Where a system refuses, packets wake as they come.
        try? channel.syncOptions?.setOption(
            .socketOption(NIOBSDSocket.Option(rawValue: SO_RCVLOWAT)), value: bytes)
    }

    func channelInactive(context: ChannelHandlerContext) {
        patience?.cancel()
        onClose(self, closeReason)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close("the connection with \(peer.map { "\($0.node) at " } ?? "")\(remote) broke: \(error)")
    }

    private func receive(_ frame: Frame) {
        if case .hello(let node, let role) = frame {
            guard peer == nil else { return close("\(remote) said twice who it is") }
            peer = (node.name, role)
        } else if peer == nil {
            return close("\(remote) did not say who it is before it sent something else")
        }
        onFrame(self, frame)
    }

    private static func describe(_ address: SocketAddress) -> String {
        "\(address.ipAddress ?? address.pathname ?? "?")\(address.port.map { ":\($0)" } ?? "")"
    }
}

/// How the transport's sockets are set up, at both ends.
enum TransportSockets {
    /// Large enough that a tensor is read in few pieces; small reads keep small buffers.
    static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 65536, maximum: 1 << 20)

    /// A tenth of the packets wake, and a socket with the smallest buffer still holds it.
    static let wakingBytes = 16 << 10
    /// So long a link may stand still, or be slower than 64 kB/s, before single packets wake again.
    static let patience: TimeAmount = .milliseconds(250)

    static func configure(_ bootstrap: ClientBootstrap, limits: TransportLimits) -> ClientBootstrap {
        bootstrap
            .connectTimeout(.nanoseconds(Int64(limits.connectTimeoutS * 1e9)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: receiveAllocator)
            .channelOption(.writeSpin, value: 32)
    }

    static func configure(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        bootstrap
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: receiveAllocator)
            .childChannelOption(.writeSpin, value: 32)
    }
}

/// A monotonic time, for measuring; its origin is the machine's start.
enum MonotonicClock {
    static var now: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}
