import Foundation
import MQTT
import Synchronization

/// Keeps the clients of a test until its end. Optimized code gives a client up right after its last use, and a client
/// that is given up ends at once, with what it had still to send.
final class ClientKeeper: Sendable {
    @TaskLocal static var current: ClientKeeper?

    private let clients = Mutex<[MQTTClient]>([])

    func keep(_ client: MQTTClient) { clients.withLock { $0.append(client) } }
    func release() { clients.withLock { $0 = [] } }
}

/// A private broker in a temporary folder that is removed afterwards.
@discardableResult
func withBroker<Result>(
    messageSizeLimit: Int = 256 * 1024, _ body: (PrivateBroker) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let broker = try await PrivateBroker.start(in: folder, messageSizeLimit: messageSizeLimit)
        let keeper = ClientKeeper()
        defer { keeper.release() }
        do {
            let result = try await ClientKeeper.$current.withValue(keeper) { try await body(broker) }
            await broker.stop()
            return result
        } catch {
            await broker.stop()
            throw error
        }
    }
}

@discardableResult
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-mqtt-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

/// A client and its events.
struct TestClient {
    let client: MQTTClient
    let log: EventLog

    /// - Parameters:
    ///   - waits: until the broker has accepted the client.
    ///   - keeps: the client until the end of `withBroker`.
    init(
        _ broker: PrivateBroker, _ name: String, will: MQTTPublication? = nil, waits: Bool = true, keeps: Bool = true,
        change: (inout MQTTSettings) -> Void = { _ in }
    ) async throws {
        var settings = MQTTSettings(host: broker.host, port: broker.port, clientID: name, will: will)
        settings.reconnectDelay = .milliseconds(5)...Duration.milliseconds(50)
        change(&settings)
        log = EventLog()
        client = try MQTTClient(settings, onEvent: log.append)
        if keeps { ClientKeeper.current?.keep(client) }
        if waits { try await log.connected() }
    }

    func subscribe(_ filter: String) async throws {
        try client.subscribe(filter)
        try await log.subscribed(filter)
    }
}
