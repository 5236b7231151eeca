import MQTT
import Testing

@Suite("MQTT client against a real broker")
struct MQTTClientTests {
    @Test("a message reaches another client, and a client subscribed to its own topic")
    func delivers() async throws {
        try await withBroker { broker in
            let sender = try await TestClient(broker, "sender")
            let receiver = try await TestClient(broker, "receiver")
            try await sender.subscribe("a/b")
            try await receiver.subscribe("a/+")
            try sender.client.publish("a/b", "hello é")
            #expect(try await receiver.log.message("a/b") == ("hello é", false))
            #expect(try await sender.log.message("a/b") == ("hello é", false))
        }
    }

    @Test("a retained message is there for a client that comes later, and marked as retained")
    func retained() async throws {
        try await withBroker { broker in
            let sender = try await TestClient(broker, "sender")
            try await sender.subscribe("state")
            try sender.client.publish("state", "online", retained: true)
            _ = try await sender.log.message("state")
            let late = try await TestClient(broker, "late")
            try late.client.subscribe("#")
            #expect(try await late.log.message("state") == ("online", true))
        }
    }

    @Test("subscriptions made before the connection hold after it")
    func earlySubscription() async throws {
        try await withBroker { broker in
            let receiver = try await TestClient(broker, "receiver", waits: false)
            try await receiver.subscribe("early")
            let sender = try await TestClient(broker, "sender")
            try sender.client.publish("early", "x")
            #expect(try await receiver.log.message("early").text == "x")
        }
    }

    static let will = MQTTPublication(topic: "node/a/state", text: "offline", retained: true)

    @Test("a client that is gone without goodbye is declared offline by its last will, retained")
    func lastWill() async throws {
        try await withBroker { broker in
            let watcher = try await TestClient(broker, "watcher")
            try await watcher.subscribe("node/+/state")
            let node = try await TestClient(broker, "node", will: Self.will)
            try node.client.publish("node/a/state", "online", retained: true)
            #expect(try await watcher.log.message("node/a/state").text == "online")
            await node.client.stopAbruptly()
            #expect(try await watcher.log.message("node/a/state").text == "offline")
            let late = try await TestClient(broker, "late")
            try late.client.subscribe("node/+/state")
            #expect(try await late.log.message("node/a/state") == ("offline", true))
        }
    }

    @Test("a client that is dropped is gone without goodbye")
    func dropped() async throws {
        try await withBroker { broker in
            let watcher = try await TestClient(broker, "watcher")
            try await watcher.subscribe("node/+/state")
            do { _ = try await TestClient(broker, "node", will: Self.will, keeps: false) }
            #expect(try await watcher.log.message("node/a/state").text == "offline")
        }
    }

    @Test("a client that stops in order sends what is queued, then its last will")
    func orderlyStop() async throws {
        try await withBroker { broker in
            let watcher = try await TestClient(broker, "watcher")
            try await watcher.subscribe("#")
            let node = try await TestClient(broker, "node", will: Self.will)
            for number in 0..<200 { try node.client.publish("queued", "\(number)") }
            await node.client.stop()
            for number in 0..<200 { #expect(try await watcher.log.message("queued").text == "\(number)") }
            #expect(try await watcher.log.message("node/a/state").text == "offline")
            #expect(node.log.all.last == .stopped)
            #expect(throws: MQTTError.stopped(topic: "queued")) { try node.client.publish("queued", "late") }
        }
    }

    @Test("stopping twice, and stopping a client that has no broker, returns")
    func stopTwice() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a")
            await client.client.stop()
            await client.client.stop()
            await client.client.stopAbruptly()
            await broker.stop()
            let lonely = try await TestClient(broker, "b", waits: false)
            _ = try await lonely.log.disconnected()
            await lonely.client.stop()
            #expect(lonely.log.all.last == .stopped)
        }
    }

    @Test("a client connects again after the broker restarts, subscribes again, and finds nothing retained")
    func brokerRestart() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "node")
            try await node.subscribe("state")
            try node.client.publish("state", "before", retained: true)
            #expect(try await node.log.message("state").text == "before")
            await broker.kill()
            #expect(try await node.log.disconnected().contains("127.0.0.1:\(broker.port)"))
            try await broker.restart()
            try await node.log.connected()
            try await node.log.subscribed("state")
            let late = try await TestClient(broker, "late")
            try await late.subscribe("state")
            try node.client.publish("state", "after", retained: true)
            // The first message is the new one: the old one did not survive.
            #expect(try await late.log.message("state") == ("after", false))
            #expect(try await node.log.message("state").text == "after")
        }
    }

    @Test("a client lives through five restarts in a row")
    func restarts() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "node")
            for round in 0..<5 {
                try await broker.restart()
                try await node.log.connected()
                try await node.subscribe("round/\(round)")
                try node.client.publish("round/\(round)", "x")
                #expect(try await node.log.message("round/\(round)").text == "x")
            }
        }
    }

    @Test("without a broker each attempt is an event with one clear sentence, and publishing is refused")
    func absentBroker() async throws {
        try await withBroker { broker in
            await broker.stop()
            let client = try await TestClient(broker, "a", waits: false)
            let sentence =
                "no broker answers at 127.0.0.1:\(broker.port): connection refused; is mosquitto running there?"
            for _ in 0..<3 { #expect(try await client.log.disconnected() == sentence) }
            #expect(throws: MQTTError.notConnected(topic: "a")) { try client.client.publish("a", "x") }
            #expect(!client.client.isConnected)
            try await broker.restart()
            try await client.log.connected()
            #expect(client.client.isConnected)
        }
    }

    @Test("an unknown host is named in the sentence")
    func unknownHost() async throws {
        let log = EventLog()
        let client = try MQTTClient(
            MQTTSettings(host: "no-such-host.invalid", port: 1883, clientID: "a"), onEvent: log.append)
        #expect(try await log.disconnected().contains("no-such-host.invalid:1883"))
        await client.stop()
    }

    @Test("a port on which no broker speaks is reported, and the client goes on trying")
    func notABroker() async throws {
        let other = try SilentListener()
        let log = EventLog()
        var settings = MQTTSettings(host: "127.0.0.1", port: other.port, clientID: "a")
        settings.connectTimeout = .milliseconds(50)
        settings.reconnectDelay = .milliseconds(1)...Duration.milliseconds(1)
        let client = try MQTTClient(settings, onEvent: log.append)
        for _ in 0..<2 {
            #expect(
                try await log.disconnected()
                    == "the broker at 127.0.0.1:\(other.port) did not answer within 0.05 seconds")
        }
        await client.stop()
    }

    @Test("a payload above the limit is refused by name, one at the limit arrives")
    func outgoingLimit() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a") { $0.maximumPayloadBytes = 1000 }
            try await client.subscribe("t")
            #expect(throws: MQTTError.payloadTooLarge(topic: "t", bytes: 1001, limit: 1000)) {
                try client.client.publish("t", String(repeating: "x", count: 1001))
            }
            try client.client.publish("t", String(repeating: "x", count: 1000))
            #expect(try await client.log.message("t").text.utf8.count == 1000)
        }
    }

    @Test("an oversized message is dropped and reported with topic and size; the next one arrives")
    func incomingLimit() async throws {
        try await withBroker(messageSizeLimit: 8 << 20) { broker in
            let sender = try await TestClient(broker, "sender") { $0.maximumPayloadBytes = 4 << 20 }
            let receiver = try await TestClient(broker, "receiver") { $0.maximumPayloadBytes = 1000 }
            try await receiver.subscribe("#")
            for bytes in [1001, 100_000, 3_000_000] {
                try sender.client.publish("big", String(repeating: "x", count: bytes))
                let event = try await receiver.log.next("oversized") { event -> MQTTEvent? in
                    if case .oversized = event { event } else { nil }
                }
                #expect(event == .oversized(topic: "big", bytes: bytes, limit: 1000))
            }
            try sender.client.publish("small", "x")
            #expect(try await receiver.log.message("small").text == "x")
        }
    }

    @Test("bytes of every value and an empty payload arrive unchanged")
    func binary() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a")
            try await client.subscribe("t")
            for payload in [[], Array(UInt8.min...UInt8.max)] as [[UInt8]] {
                try client.client.publish(MQTTPublication(topic: "t", payload: payload))
                let received = try await client.log.next("message") { event -> [UInt8]? in
                    if case .message(_, let payload, _) = event { payload } else { nil }
                }
                #expect(received == payload)
            }
        }
    }

    @Test("the queue is bounded, and what was taken arrives in order")
    func queueLimit() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a") {
                $0.maximumQueuedMessages = 16
                $0.maximumUnacknowledgedMessages = 1
            }
            try await client.subscribe("t")
            var accepted: [Int] = []
            var refused = 0
            for number in 0..<20_000 where refused < 1000 {
                do {
                    try client.client.publish("t", "\(number)")
                    accepted.append(number)
                } catch {
                    #expect(error as? MQTTError == .queueFull(topic: "t", limit: 16, unit: "messages"))
                    refused += 1
                }
            }
            #expect(refused > 0)
            for number in accepted { #expect(try await client.log.message("t").text == "\(number)") }
        }
    }

    @Test("topics that MQTT does not allow are refused")
    func invalidTopics() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a")
            for topic in ["", "a/#", "+", "a+b", "a\0b", String(repeating: "a", count: 65_536)] {
                #expect(throws: MQTTError.self) { try client.client.publish(topic, "x") }
            }
            for filter in ["", "a#", "#/a", "a+/b", "a\0"] {
                #expect(throws: MQTTError.self) { try client.client.subscribe(filter) }
            }
            try await client.subscribe("still-there")
        }
    }

    @Test("more subscriptions than the limit are refused")
    func subscriptionLimit() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "a") { $0.maximumSubscriptions = 3 }
            for number in 0..<3 { try await client.subscribe("t/\(number)") }
            try await client.subscribe("t/0")
            #expect(throws: MQTTError.queueFull(topic: "t/3", limit: 3, unit: "subscriptions")) {
                try client.client.subscribe("t/3")
            }
        }
    }

    @Test("brokers on different ports do not hear each other, in parallel", arguments: 0..<6)
    func parallel(number: Int) async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker, "same-name")
            try await client.subscribe("#")
            try client.client.publish("t", "\(number)", retained: true)
            #expect(try await client.log.message("t").text == "\(number)")
            #expect(client.log.all.isEmpty)
        }
    }

    @Test("two clients that publish from many tasks lose nothing")
    func concurrency() async throws {
        try await withBroker { broker in
            let receiver = try await TestClient(broker, "receiver")
            try await receiver.subscribe("#")
            let senders = [try await TestClient(broker, "s0"), try await TestClient(broker, "s1")]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, sender) in senders.enumerated() {
                    for task in 0..<4 {
                        let client = sender.client
                        group.addTask {
                            for number in 0..<50 { try client.publish("s\(index)/\(task)", "\(number)") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            var counts: [String: Int] = [:]
            for _ in 0..<400 {
                let (topic, text) = try await receiver.log.next("message") { event -> (String, String)? in
                    guard case .message(let topic, let payload, _) = event else { return nil }
                    return (topic, String(decoding: payload, as: UTF8.self))
                }
                #expect(text == "\(counts[topic, default: 0])")
                counts[topic, default: 0] += 1
            }
            #expect(counts.count == 8)
        }
    }
}
