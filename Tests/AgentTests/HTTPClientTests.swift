import Agent
import Cluster
import NIOCore
import NIOPosix
import Testing

/// A server that says one thing to whatever comes, and then nothing.
private func rudeServer(_ text: String, closes: Bool) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RudeHandler(text: text, closes: closes))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
}

private final class RudeHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let text: String
    private let closes: Bool

    init(text: String, closes: Bool) {
        self.text = text
        self.closes = closes
    }

    /// Speaks when the request has arrived, so that closing does not take the answer with it.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { [closes] _ in
            if closes { channel.close(promise: nil) }
        }
    }
}

private func endpoint(_ server: any Channel) throws -> Endpoint {
    Endpoint(host: "127.0.0.1", port: try #require(server.localAddress?.port))
}

private func failure(_ client: HTTPClient, timeout: Duration = .seconds(60)) async -> HTTPClientError? {
    do {
        _ = try await client.request("GET", "/healthz", timeout: timeout)
        return nil
    } catch {
        return error
    }
}

@Suite struct HTTPClientTests {
    @Test func nobodyListeningIsSaidWithHostAndPort() async throws {
        let server = try await rudeServer("", closes: true)
        let place = try endpoint(server)
        try await server.close().get()
        let error = try #require(await failure(HTTPClient(place)))
        #expect(error.kind == .notConnected)
        #expect(error.description == "cannot connect to 127.0.0.1:\(place.port): Connection refused")
    }

    @Test(arguments: [
        ("", HTTPClientError.Kind.connectionLost),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .connectionLost),
        ("SSH-2.0-OpenSSH_9.2\r\n", .invalidResponse),
    ])
    func aResponseThatIsNotWholeOrNotHTTPIsAnError(text: String, kind: HTTPClientError.Kind) async throws {
        let server = try await rudeServer(text, closes: true)
        let client = HTTPClient(try endpoint(server))
        let error = try #require(await failure(client))
        #expect(error.kind == kind)
        #expect(error.description.contains("127.0.0.1:"))
        try await server.close().get()
    }

    @Test func aServerThatSaysNothingIsWaitedForOnlySoLong() async throws {
        let server = try await rudeServer("", closes: false)
        let error = try #require(await failure(HTTPClient(try endpoint(server)), timeout: .milliseconds(50)))
        #expect(error.kind == .timeout)
        try await server.close().get()
    }

    @Test func aResponseAboveTheLimitIsRefused() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + String(repeating: "x", count: 5000)
        let server = try await rudeServer(text, closes: false)
        let client = HTTPClient(try endpoint(server), maximumResponseBytes: 1000)
        #expect(await failure(client)?.kind == .invalidResponse)
        try await server.close().get()
    }

    @Test func aBodyThatEndsEarlyIsAnErrorAndTheNextRequestIsServed() async throws {
        try await FrontDoorFixture.run { fixture in
            let error = try await #require(throws: HTTPClientError.self) {
                _ = try await fixture.client.request(
                    "PUT", "/v1/models/a",
                    body: .stream(byteCount: 10) { offset, _ in
                        offset == 0 ? ByteBuffer(bytes: [1, 2, 3]) : ByteBuffer()
                    })
            }
            #expect(error.kind == .unreadableBody)
            #expect(try await fixture.client.request("GET", "/healthz").statusCode == 200)
        }
    }

    @Test func aConnectionThatTheServerClosedIsMadeAgain() async throws {
        var limits = FrontDoorLimits()
        limits.maximumTensorBytes = 10
        try await FrontDoorFixture.run(limits: limits) { fixture in
            // The body is far above what a front door reads to keep a connection, so it closes this one.
            let large = [UInt8](repeating: 0, count: 8 << 20)
            let refused = try await fixture.client.request("POST", "/v1/models/twice/infer", body: .bytes(large))
            #expect(refused.statusCode == 413)
            #expect(try await fixture.client.request("GET", "/healthz").statusCode == 200)
        }
    }
}
