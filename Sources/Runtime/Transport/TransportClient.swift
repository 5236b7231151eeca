import Cluster
import Costs
import NIOCore
import NIOPosix

/// Why the transport could not do what was asked, in one sentence.
public struct TransportError: Error, CustomStringConvertible, Equatable {
    public let sentence: String

    public init(_ sentence: String) { self.sentence = sentence }

    public var description: String { sentence }
}

/// The agent's end of the connection with its own runner: it holds requests and gets their results.
public final class TransportClient: Sendable {
    public enum Event: Sendable, Equatable {
        case result(RequestKey, Tensor)
        case refused(RequestKey, RefusalCode, String)
        /// No more events follow; every request without an answer is open again.
        case closed(String)
    }

    private let channel: any Channel
    private let connection: NIOLoopBound<FrameConnection>
    private let onEvent: @Sendable (Event) -> Void

    private init(
        channel: any Channel, connection: NIOLoopBound<FrameConnection>, onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.channel = channel
        self.connection = connection
        self.onEvent = onEvent
    }

    /// Connects to a runner.
    ///
    /// - Parameter onEvent: called on the event loop, in order; it must not block.
    /// - Throws: `TransportError` that names the endpoint.
    public static func connect(
        to endpoint: Endpoint, node: NodeID, group: any EventLoopGroup, limits: TransportLimits = TransportLimits(),
        onEvent: @escaping @Sendable (Event) -> Void
    ) async throws -> TransportClient {
        let bootstrap = TransportSockets.configure(ClientBootstrap(group: group), limits: limits)
        do {
            let connection = try await bootstrap.channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FrameConnection(
                            channel: channel, limits: limits,
                            onFrame: { connection, frame in
                                switch frame {
                                case .tensor(_, _, let key, _, let tensor): onEvent(.result(key, tensor))
                                case .refusal(let key, let code, let sentence): onEvent(.refused(key, code, sentence))
                                case .ping(let number): connection.send(.pong(number: number))
                                default: break
                                }
                            }, onClose: { onEvent(.closed($1)) }))
                }
            }.connect(host: endpoint.host, port: endpoint.port).flatMapThrowing { channel in
                // At once, on the event loop: a runner does not wait long for who speaks.
                let handler = try channel.pipeline.syncOperations.handler(type: FrameConnection.self)
                handler.send(.hello(node: node, role: .client))
                return (channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
            }.get()
            return TransportClient(channel: connection.channel, connection: connection.handler, onEvent: onEvent)
        } catch {
            throw TransportError("the runner at \(endpoint) cannot be reached: \(error)")
        }
    }

    /// Gives a request to the runner, from any thread. The answer, also a refusal, comes as an event with the same key.
    public func submit(_ key: RequestKey, model: String, tensor: Tensor) {
        let connection = connection
        let onEvent = onEvent
        channel.eventLoop.execute {
            guard connection.value.channel.isActive else {
                return onEvent(.refused(key, .unreachable, "the board's own runner is not connected"))
            }
            let sent = connection.value.send(.tensor(number: 0, model: model, key: key, stop: 0, tensor: tensor))
            if !sent { onEvent(.refused(key, .overloaded, "too much waits for the board's own runner")) }
        }
    }

    /// Closes the connection; `.closed` follows.
    public func close() { channel.close(promise: nil) }
}
