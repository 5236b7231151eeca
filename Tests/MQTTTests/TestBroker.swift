import Foundation
import MQTT

/// A private broker in a temporary folder that is removed afterwards.
@discardableResult
func withBroker<Result>(
    messageSizeLimit: Int = 256 * 1024, _ body: (PrivateBroker) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let broker = try await PrivateBroker.start(in: folder, messageSizeLimit: messageSizeLimit)
        do {
            let result = try await body(broker)
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

    /// - Parameter waits: until the broker has accepted the client.
    init(
        _ broker: PrivateBroker, _ name: String, will: MQTTPublication? = nil, waits: Bool = true,
        change: (inout MQTTSettings) -> Void = { _ in }
    ) async throws {
        var settings = MQTTSettings(host: broker.host, port: broker.port, clientID: name, will: will)
        settings.reconnectDelay = .milliseconds(5)...Duration.milliseconds(50)
        change(&settings)
        log = EventLog()
        client = try MQTTClient(settings, onEvent: log.append)
        if waits { try await log.connected() }
    }

    func subscribe(_ filter: String) async throws {
        try client.subscribe(filter)
        try await log.subscribed(filter)
    }
}
