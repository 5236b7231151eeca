import Cluster
import Costs
import NIOCore
import NIOPosix

/// How fast tensors cross the transport, from one event loop to another over loopback.
public enum TransportBenchmark {
    /// Tensors that are on their way at once, so that the link is never idle.
    private static let window = 4

    /// Sends tensors one after another and gives the bytes per second that arrived.
    public static func run(
        tensorBytes: Int, count: Int, host: String = "127.0.0.1", limits: TransportLimits = TransportLimits()
    ) async throws -> Double {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        defer { group.shutdownGracefully { _ in } }
        let receiverLoop = group.next()
        let senderLoop = group.next()
        let listener = try await TransportSockets.configure(ServerBootstrap(group: receiverLoop))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FrameConnection(
                            channel: channel, limits: limits,
                            onFrame: { connection, frame in
                                switch frame {
                                // Both ends say who they are before anything else, as runners do.
                                case .hello: connection.send(.hello(node: "benchmark", role: .runner))
                                case .tensor(let number, _, _, _, _): connection.send(.acknowledgement(number: number))
                                default: break
                                }
                            }, onClose: { _, _ in }))
                }
            }.bind(host: host, port: 0).get()
        let done = senderLoop.makePromise(of: Duration.self)
        let channel = try await TransportSockets.configure(ClientBootstrap(group: senderLoop), limits: limits)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let source = Source(tensorBytes: tensorBytes, count: count, done: done)
                    try channel.pipeline.syncOperations.addHandler(
                        FrameConnection(
                            channel: channel, limits: limits,
                            onFrame: { connection, frame in
                                if case .acknowledgement = frame { source.acknowledged(connection) }
                            }, onClose: { done.fail(TransportError($1)) }))
                }
            }.connect(host: host, port: listener.localAddress?.port ?? 0).get()
        try await senderLoop.submit {
            let connection = try channel.pipeline.syncOperations.handler(type: FrameConnection.self)
            connection.send(.hello(node: "benchmark", role: .runner))
            Source.start(connection, tensorBytes: tensorBytes, frames: min(window, count))
        }.get()
        let duration = try await done.futureResult.get()
        try await channel.close().get()
        try await listener.close().get()
        return Double(tensorBytes) * Double(count) / duration.inSeconds
    }

    /// Sends the next tensor for each that arrived. Used on one event loop.
    private final class Source {
        private let tensorBytes: Int
        private let count: Int
        private let done: EventLoopPromise<Duration>
        private let start = MonotonicClock.now
        private var acknowledgedCount = 0

        init(tensorBytes: Int, count: Int, done: EventLoopPromise<Duration>) {
            self.tensorBytes = tensorBytes
            self.count = count
            self.done = done
        }

        static func start(_ connection: FrameConnection, tensorBytes: Int, frames: Int) {
            for number in 0..<frames { send(connection, tensorBytes: tensorBytes, number: number) }
        }

        func acknowledged(_ connection: FrameConnection) {
            acknowledgedCount += 1
            if acknowledgedCount == count { return done.succeed(MonotonicClock.now - start) }
            let next = acknowledgedCount + window - 1
            if next < count { Self.send(connection, tensorBytes: tensorBytes, number: next) }
        }

        private static func send(_ connection: FrameConnection, tensorBytes: Int, number: Int) {
            let key = RequestKey(
                plan: PlanID(term: 1, leader: "benchmark", sequence: 1), request: UInt64(number), attempt: 0)
            // A buffer of its own for each tensor, as a session's output is.
            let bytes = ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: tensorBytes)
            connection.send(
                .tensor(
                    number: UInt64(number), model: "benchmark", key: key, stop: 0,
                    tensor: Tensor(elementType: .uint8, shape: [tensorBytes], bytes: bytes)))
        }
    }
}
