import Cluster
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Where clients send requests, models and weights: HTTP/1.1 on one port.
///
/// The front door bounds what comes in (`FrontDoorLimits`) and turns it into calls of its `FrontDoorHandler`;
/// it decides nothing itself.
public final class FrontDoor: Sendable {
    /// Threads that write uploads to the disk.
    public static let fileThreads = 2

    /// Where it listens; the port is a real one also where 0 was asked for.
    public let endpoint: Endpoint
    private let listener: any Channel
    private let connections: ConnectionRegistry
    private let serving: Task<Void, Never>
    private let files: NIOThreadPool

    private init(
        endpoint: Endpoint, listener: any Channel, connections: ConnectionRegistry, serving: Task<Void, Never>,
        files: NIOThreadPool
    ) {
        self.endpoint = endpoint
        self.listener = listener
        self.connections = connections
        self.serving = serving
        self.files = files
    }

    /// Starts to listen.
    ///
    /// - Parameter port: 0 for any free one.
    /// - Throws: `FrontDoorError` of kind `unavailable` that names the address, for example where the port is busy.
    public static func start(
        host: String, port: Int, handler: any FrontDoorHandler, blobs: any BlobSink, limits: FrontDoorLimits = .init(),
        group: any EventLoopGroup
    ) async throws(FrontDoorError) -> FrontDoor {
        let connections = ConnectionRegistry(limit: limits.maximumConnections)
        let bound: NIOAsyncChannel<FrontDoorConnection.Wire?, Never>
        do {
            bound = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.backlog, value: 64)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try configure(channel, connections: connections, limits: limits)
                    }
                }
        } catch {
            let place = Endpoint(host: host, port: port)
            throw FrontDoorError(.unavailable, "the front door cannot listen on \(place): \(error)")
        }
        let files = NIOThreadPool(numberOfThreads: fileThreads)
        files.start()
        let connection = FrontDoorConnection(handler: handler, blobs: blobs, limits: limits, files: files)
        let serving: Task<Void, Never> = Task {
            await withDiscardingTaskGroup { group in
                // An error here is the listener's end: the connections go on.
                try? await bound.executeThenClose { wires in
                    for try await wire in wires {
                        guard let wire else { continue }
                        // What ends a connection early concerns its client alone, who sees it.
                        group.addTask { try? await connection.serve(wire) }
                    }
                }
            }
        }
        let endpoint = Endpoint(host: host, port: bound.channel.localAddress?.port ?? port)
        return FrontDoor(
            endpoint: endpoint, listener: bound.channel, connections: connections, serving: serving, files: files)
    }

    /// Takes no new connection, lets requests that have begun be answered for up to `grace`, then closes the rest.
    public func stop(grace: Duration = .seconds(5)) async {
        try? await listener.close().get()
        connections.stop()
        let serving = self.serving
        let cutting = listener.eventLoop.scheduleTask(in: TimeAmount(grace)) { serving.cancel() }
        await serving.value
        cutting.cancel()
        try? await files.shutdownGracefully()
    }

    private static func configure(
        _ channel: any Channel, connections: ConnectionRegistry, limits: FrontDoorLimits
    ) throws -> FrontDoorConnection.Wire? {
        guard connections.admit(channel) else {
            refuse(channel, limit: limits.maximumConnections)
            return nil
        }
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.maximumHeaderFieldBytes
        decoding.maxHeaderListSize = limits.maximumHeaderBytes
        decoding.maxHeaderFieldCount = limits.maximumHeaderFields
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoding)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(ConnectionGuard(idleTimeout: limits.idleTimeout))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
                inboundType: HTTPServerRequestPart.self, outboundType: HTTPServerResponsePart.self))
    }

    private static func refuse(_ channel: any Channel, limit: Int) {
        let answer = HTTPAnswer(
            refusal: FrontDoorError(.unavailable, "\(limit) connections are open, which is the limit; try again later"))
        var bytes = ByteBuffer(string: "HTTP/1.1 \(answer.statusCode) Service Unavailable\r\nConnection: close\r\n")
        for (name, value) in answer.headers { bytes.writeString("\(name): \(value)\r\n") }
        bytes.writeString("\r\n")
        bytes.writeImmutableBuffer(answer.body)
        channel.writeAndFlush(bytes).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// The open connections, counted.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var stopping = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Counts a new connection in, until it closes; false where there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let admitted = state.withLock { state in
            guard state.channels.count < limit, !state.stopping else { return false }
            state.channels[key] = channel
            return true
        }
        if admitted {
            channel.closeFuture.whenComplete { [weak self] _ in
                self?.state.withLock { _ = $0.channels.removeValue(forKey: key) }
            }
        }
        return admitted
    }

    /// Tells every connection to close when it is between requests.
    func stop() {
        let channels = state.withLock { state in
            state.stopping = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ConnectionGuard.Stop()) }
    }
}
