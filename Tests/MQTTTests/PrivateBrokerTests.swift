import Foundation
import MQTT
import Testing

@Suite("Private broker")
struct PrivateBrokerTests {
    @Test("a broker runs until it is stopped, and may be stopped again")
    func lifecycle() async throws {
        try await withBroker { broker in
            #expect(broker.isRunning)
            await broker.stop()
            #expect(!broker.isRunning)
            await broker.stop()
            await broker.kill()
            try await broker.restart()
            #expect(broker.isRunning)
        }
    }

    @Test("its configuration is readable, keeps nothing on disk and listens on loopback only")
    func configuration() async throws {
        try await withBroker(messageSizeLimit: 12_345) { broker in
            let text = try String(contentsOfFile: broker.folder + "/mosquitto.conf", encoding: .utf8)
            let lines = text.split(separator: "\n").map(String.init)
            for line in [
                "listener \(broker.port) 127.0.0.1", "persistence false", "allow_anonymous true",
                "message_size_limit 12345",
            ] {
                #expect(lines.contains(line))
            }
        }
    }

    @Test("a payload above the broker's limit does not pass it")
    func sizeLimit() async throws {
        try await withBroker(messageSizeLimit: 1000) { broker in
            let client = try await TestClient(broker, "a")
            try await client.subscribe("t")
            try client.client.publish("t", String(repeating: "x", count: 1001), qualityOfService: .atMostOnce)
            try client.client.publish("t", "after")
            #expect(try await client.log.message("t").text == "after")
        }
    }

    @Test("a busy port is one clear sentence")
    func busyPort() async throws {
        let other = try SilentListener()
        try await withTemporaryFolder { folder in
            await #expect(throws: PrivateBrokerError.portInUse(port: other.port)) {
                try await PrivateBroker.start(in: folder, port: other.port)
            }
        }
        #expect(
            PrivateBrokerError.portInUse(port: 1883).description
                == "port 1883 of 127.0.0.1 is in use by another program: stop it or choose another port")
    }

    @Test("a port that another broker has is refused")
    func portOfAnother() async throws {
        try await withBroker { broker in
            try await withTemporaryFolder { folder in
                await #expect(throws: PrivateBrokerError.portInUse(port: broker.port)) {
                    try await PrivateBroker.start(in: folder, port: broker.port)
                }
            }
        }
    }

    @Test("without mosquitto the sentence says what was tried and how to install it")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            let error = try #require(
                await #expect(throws: PrivateBrokerError.self) {
                    try await PrivateBroker.start(in: folder, searchPath: "/nowhere:/neither")
                })
            #expect(error == .missing(tried: ["/nowhere", "/neither"]))
            #expect(
                error.description.contains("/nowhere, /neither") && error.description.contains("apt install mosquitto"))
        }
    }

    @Test("a folder that cannot be made is named")
    func badFolder() async throws {
        let error = try #require(
            await #expect(throws: PrivateBrokerError.self) {
                try await PrivateBroker.start(in: "/proc/no/such/folder")
            })
        #expect(error.description.hasPrefix("/proc/no/such/folder: "))
    }

    @Test("a program that ends at once is reported with its status and last lines")
    func endsAtOnce() async throws {
        try await withTemporaryFolder { folder in
            // A program that refuses the arguments of mosquitto.
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/mosquitto", withDestinationPath: "/bin/cat")
            let error = try #require(
                await #expect(throws: PrivateBrokerError.self) {
                    try await PrivateBroker.start(in: folder + "/state", searchPath: folder)
                })
            #expect(error.description.contains("exit code 1") && error.description.contains("invalid option"))
        }
    }

    @Test("a dropped broker does not stay behind")
    func dropped() async throws {
        let port = try await withTemporaryFolder { folder in
            let broker = try await PrivateBroker.start(in: folder)
            return broker.port
        }
        try await withTemporaryFolder { folder in
            let next = try await PrivateBroker.start(in: folder, port: port)
            await next.stop()
        }
    }
}
