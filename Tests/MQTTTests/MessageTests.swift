import Cluster
import Costs
import JSON
import MQTT
import TestKit
import Testing

@Suite("Messages between topics, payloads and values")
struct MessageTests {
    @Test("what is said is what is heard", arguments: Samples.outbound)
    func roundTrip(message: OutboundMessage) throws {
        let publication = try message.publication(in: Samples.cluster)
        let heard = try InboundMessage(
            topic: publication.topic, payload: publication.payload, in: Samples.cluster)
        #expect(heard == message.received)
        #expect(publication.retained == message.topic.isRetained)
    }

    @Test("members that this version does not know are ignored, in every object of every payload")
    func unknownMembers() throws {
        for message in Samples.outbound {
            let publication = try message.publication(in: Samples.cluster)
            guard let value = try? JSON.parse(publication.payload), case .object = value else { continue }
            let heard = try InboundMessage(
                topic: publication.topic, payload: Array(JSON.text(value.withUnknownMembers).utf8),
                in: Samples.cluster)
            #expect(heard == message.received)
        }
    }

    @Test("a payload without one of its members is refused by its path, or the member is optional")
    func missingMembers() throws {
        var refused = 0
        for message in Samples.outbound {
            let publication = try message.publication(in: Samples.cluster)
            guard let value = try? JSON.parse(publication.payload), case .object(let members) = value else { continue }
            for member in members {
                let rest = JSONValue.object(members.filter { $0.key != member.key })
                do {
                    _ = try InboundMessage(
                        topic: publication.topic, payload: Array(JSON.text(rest).utf8), in: Samples.cluster)
                } catch {
                    #expect(error.description.contains(member.key), "\(error)")
                    #expect(error.description.hasPrefix("payload on \(publication.topic): "))
                    refused += 1
                }
            }
        }
        #expect(refused > 100)
    }

    @Test("a member of another kind is refused by its path")
    func wrongKinds() throws {
        for message in Samples.outbound {
            let publication = try message.publication(in: Samples.cluster)
            guard let value = try? JSON.parse(publication.payload), case .object(let members) = value else { continue }
            for index in members.indices {
                var changed = members
                changed[index].value = [["x"]]
                let error = #expect(throws: PayloadError.self) {
                    try InboundMessage(
                        topic: publication.topic, payload: Array(JSON.text(.object(changed)).utf8),
                        in: Samples.cluster)
                }
                #expect(error?.path.hasPrefix(members[index].key) == true, "\(String(describing: error))")
            }
        }
    }

    static let topics = Array(Set(Samples.outbound.compactMap { try? $0.topic.text(in: Samples.cluster) })).sorted()
    static let garbage: [[UInt8]] =
        ["", " ", "x", "{", "{}x", "[]", "1", "null", "\"online", "{\"a\":1,\"a\":2}", "onlin", "online "]
        .map { Array($0.utf8) } + [
            [0xFF, 0xFE], [0], Array(repeating: UInt8(ascii: "["), count: 100_000),
            Array(repeating: UInt8(ascii: " "), count: 300_000),
        ]

    @Test("garbage on every topic is refused with one sentence that names the topic", arguments: topics)
    func garbage(topic: String) throws {
        for payload in Self.garbage {
            do {
                let message = try InboundMessage(topic: topic, payload: payload, in: Samples.cluster)
                #expect(payload.isEmpty, "\(topic) took \(payload.prefix(20)) as \(message)")
            } catch {
                #expect(error.description.hasPrefix("payload on \(topic): "))
                #expect(error.description.utf8.count < 700 && !error.description.contains("\n"))
            }
        }
    }

    @Test(
        "a record that does not belong to its topic is refused",
        arguments: [
            (OutboundMessage.capabilities(Samples.capabilities), "node/x/capabilities", "node: expected x, found a"),
            (.model(Samples.model), "model/x", "name: expected x, found digits"),
            (.plan(Samples.plan), "plan/x", "model.name: expected x, found digits"),
            (.planEvent(Samples.events[0]), "plan/x/event", "model: expected x, found digits"),
            (.replanReply(Samples.replies[0]), "command/replan/reply/x", "client: expected x, found c1"),
            (.model(Samples.model), "leader", "node: is missing"),
        ])
    func misplaced(message: OutboundMessage, topic: String, problem: String) throws {
        let publication = try message.publication(in: Samples.cluster)
        let error = try #require(throws: PayloadError.self) {
            try InboundMessage(
                topic: "lamella/v1/home/" + topic, payload: publication.payload, in: Samples.cluster)
        }
        #expect(error.description == "payload on lamella/v1/home/\(topic): \(problem)")
    }

    @Test("a payload of another schema version is refused by name")
    func otherSchema() throws {
        var record = Samples.leader
        record.schema = "lamella/leader/2"
        let publication = try OutboundMessage.leader(record).publication(in: Samples.cluster)
        let error = try #require(throws: PayloadError.self) {
            try InboundMessage(topic: publication.topic, payload: publication.payload, in: Samples.cluster)
        }
        #expect(error.problem == "expected lamella/leader/1, found lamella/leader/2")
    }

    @Test("a sentence about a payload is short and has no control characters, whatever came")
    func readableSentence() throws {
        let hostile = "\u{1B}[2J" + String(repeating: "x", count: 10_000)
        let payload = Array(JSON.text(["schema": .string(hostile), "node": "a", "term": 1, "generation": 1]).utf8)
        let error = try #require(throws: PayloadError.self) {
            try InboundMessage(topic: "lamella/v1/home/leader", payload: payload, in: "home")
        }
        #expect(error.description.count < 500 && !error.description.contains("\u{1B}"))
    }

    @Test(
        "topics of the design that this version does not use are parsed and set aside",
        arguments: [
            "command/other", "command/other/reply/c",
        ])
    func unused(topic: String) throws {
        let heard = try InboundMessage(topic: "lamella/v1/home/" + topic, payload: Array("{\"x\":1}".utf8), in: "home")
        #expect(heard == .unused(try Topic("lamella/v1/home/" + topic, in: "home"), ["x": 1]))
    }

    @Test("a name that no topic can hold is refused when it is said")
    func badNames() {
        var record = Samples.model
        record.name = "a/b"
        #expect(throws: TopicError.self) { try OutboundMessage.model(record).publication(in: "home") }
    }

    @Test("mutated payloads are taken or refused, never worse", arguments: 0..<12)
    func fuzz(seed: UInt64) throws {
        var mutator = ByteMutator(
            seed: seed, interesting: Array("[]{},:\"\\0-e.un\0".utf8) + [0x80, 0xC3, 0xFF], maximumBytes: 300_000)
        let publications = try Samples.outbound.map { try $0.publication(in: Samples.cluster) }
        var refused = 0
        for round in 0..<500 {
            let sample = publications[round % publications.count]
            do {
                let heard = try InboundMessage(
                    topic: sample.topic, payload: mutator.mutate(sample.payload), in: Samples.cluster)
                // What was taken can go on: into the picture of the cluster.
                var picture = ObservedCluster()
                _ = picture.apply(heard)
            } catch {
                #expect(error.description.utf8.count < 1500)
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test("mutated topics are taken or refused, never worse")
    func fuzzTopics() {
        var mutator = ByteMutator(seed: 1, interesting: Array("/+#\0".utf8), maximumBytes: 1000)
        var refused = 0
        for round in 0..<5000 {
            let sample = Self.topics[round % Self.topics.count]
            let text = String(decoding: mutator.mutate(Array(sample.utf8)), as: UTF8.self)
            do {
                let topic = try Topic(text, in: Samples.cluster)
                #expect(try topic.text(in: Samples.cluster) == text)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }
}

extension JSONValue {
    fileprivate var withUnknownMembers: JSONValue {
        switch self {
        case .object(let members):
            .object(
                [JSONMember("a member of the future", [1, nil])]
                    + members.map { JSONMember($0.key, $0.value.withUnknownMembers) })
        case .array(let elements): .array(elements.map(\.withUnknownMembers))
        default: self
        }
    }
}
