import Cluster
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a request carries.
public enum HTTPBody: Sendable {
    case none
    case bytes([UInt8])
    /// Read piece by piece while it is sent, for example out of a mapped file.
    ///
    /// - Parameter read: called with an offset and the most bytes that may be given; must give at least one.
    case stream(byteCount: Int, read: @Sendable (_ offset: Int, _ maximumBytes: Int) throws -> ByteBuffer)
}

public struct HTTPResponse: Sendable, Equatable {
    public var statusCode: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// The first header of this name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public static func == (left: HTTPResponse, right: HTTPResponse) -> Bool {
        left.statusCode == right.statusCode && left.body == right.body
            && left.headers.elementsEqual(right.headers, by: ==)
    }
}

/// Why there is no response, in one sentence that names the peer.
public struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Nobody listens there, or the host cannot be reached.
        case notConnected
        /// The connection was lost before the response was complete; the request may have been carried out.
        case connectionLost
        case timeout
        /// What came back is not HTTP, or larger than allowed.
        case invalidResponse
        /// What should have been sent could not be read.
        case unreadableBody
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// A client of one front door. It keeps its connection for the next request and makes a new one where it is gone.
///
/// One request at a time; use a client for each request that shall run at once. It never repeats a request itself.
public final class HTTPClient: Sendable {
    /// Bytes of a body that are read and sent in one go.
    public static let chunkBytes = 256 << 10

    public let endpoint: Endpoint
    private let group: any EventLoopGroup
    private let connectTimeout: Duration
    private let maximumResponseBytes: Int
    private let state = Mutex<(connection: HTTPClientConnection?, busy: Bool)>((nil, false))

    public init(
        _ endpoint: Endpoint, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        connectTimeout: Duration = .seconds(5), maximumResponseBytes: Int = 64 << 20
    ) {
        self.endpoint = endpoint
        self.group = group
        self.connectTimeout = connectTimeout
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// Sends a request and returns the complete response, whatever its status.
    ///
    /// - Parameter timeout: for how long nothing may move in either direction.
    /// - Throws: `HTTPClientError`.
    public func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: HTTPBody = .none,
        timeout: Duration = .seconds(30)
    ) async throws(HTTPClientError) -> HTTPResponse {
        let free = state.withLock { state in
            defer { state.busy = true }
            return !state.busy
        }
        guard free else { throw HTTPClientError(.notConnected, "\(endpoint): the client is busy with a request") }
        defer { state.withLock { $0.busy = false } }
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target)
        head.headers.add(name: "Host", value: endpoint.description)
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        switch body {
        case .none: if method != "GET" && method != "HEAD" { head.headers.add(name: "Content-Length", value: "0") }
        case .bytes(let bytes): head.headers.add(name: "Content-Length", value: "\(bytes.count)")
        case .stream(let byteCount, _): head.headers.add(name: "Content-Length", value: "\(byteCount)")
        }
        if let kept = state.withLock({ $0.connection }), kept.isUsable {
            do throws(HTTPClientError) {
                return try await exchange(kept, head, body, timeout)
            } catch {
                // Closed while nobody used it: nothing of the request was sent, so a new connection may carry it.
                guard error.kind == .notConnected else { throw error }
            }
        }
        return try await exchange(try await open(), head, body, timeout)
    }

    /// Keeps the connection for the next request only where this one went well and the server keeps it too.
    private func exchange(
        _ connection: HTTPClientConnection, _ head: HTTPRequestHead, _ body: HTTPBody, _ timeout: Duration
    ) async throws(HTTPClientError) -> HTTPResponse {
        state.withLock { $0.connection = nil }
        let response = try await connection.exchange(head, body, timeout: timeout)
        if response.header("Connection")?.lowercased() != "close" { state.withLock { $0.connection = connection } }
        return response
    }

    public func close() async {
        let connection = state.withLock { state in
            defer { state.connection = nil }
            return state.connection
        }
        try? await connection?.channel.close().get()
    }

    private func open() async throws(HTTPClientError) -> HTTPClientConnection {
        let endpoint = self.endpoint
        let limit = maximumResponseBytes
        do {
            return try await ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(connectTimeout))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connect(host: endpoint.host, port: endpoint.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let exchange = HTTPClientExchange(endpoint: endpoint, maximumResponseBytes: limit)
                        try channel.pipeline.syncOperations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                        try channel.pipeline.syncOperations.addHandler(exchange)
                        return HTTPClientConnection(
                            endpoint: endpoint, channel: channel,
                            exchange: NIOLoopBound(exchange, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            throw HTTPClientError(.notConnected, "cannot connect to \(endpoint): \(Self.reason(error))")
        }
    }

    /// The operating system's own words where there are any.
    private static func reason(_ error: any Error) -> String {
        let first: (any Error)?
        switch error {
        case let error as NIOConnectionError: first = error.connectionErrors.first?.error ?? error.dnsAError
        default: first = error
        }
        switch first {
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error?:
            if case .connectTimeout? = error as? ChannelError { return "no answer in time" }
            return "\(error)"
        case nil: return "the host is not known"
        }
    }
}
