import MQTT
import Testing

@Suite("Topics")
struct TopicTests {
    static let topics: [(Topic, String)] = [
        (.nodeState("a"), "node/a/state"), (.nodeCapabilities("a"), "node/a/capabilities"),
        (.nodeCarbon("a"), "node/a/carbon"), (.nodeMetrics("a"), "node/a/metrics"), (.nodeInbox("a"), "node/a/inbox"),
        (.zoneCarbon("CY"), "zone/CY/carbon"), (.leader, "leader"), (.plan("digits"), "plan/digits"),
        (.planEvent("digits"), "plan/digits/event"), (.model("digits"), "model/digits"),
        (.command("replan"), "command/replan"),
        (.commandReply(verb: "replan", client: "c1"), "command/replan/reply/c1"),
        (.nodeState("é ü"), "node/é ü/state"), (.plan("event"), "plan/event"),
        (.planEvent("event"), "plan/event/event"),
        (.nodeState("node"), "node/node/state"), (.model("a.b-c_d"), "model/a.b-c_d"),
    ]

    @Test("a topic is written and read back", arguments: topics)
    func roundTrip(topic: Topic, text: String) throws {
        #expect(try topic.text(in: "home") == "lamella/v1/home/" + text)
        #expect(try Topic("lamella/v1/home/" + text, in: "home") == topic)
    }

    @Test("a topic of another cluster is refused", arguments: topics)
    func otherCluster(topic: Topic, text: String) {
        #expect(throws: TopicError.self) { try Topic("lamella/v1/away/" + text, in: "home") }
        #expect(throws: TopicError.self) { try Topic("lamella/v2/home/" + text, in: "home") }
    }

    @Test(
        "what is no topic of ours is refused by name",
        arguments: [
            "", "/", "lamella", "lamella/v1", "lamella/v1/home", "lamella/v1/home/", "lamella/v1/home/leader/",
            "lamella/v1/home//leader", "lamella/v1/home/leader/x", "lamella/v1/home/node", "lamella/v1/home/node/a",
            "lamella/v1/home/node//state", "lamella/v1/home/node/a/", "lamella/v1/home/node/a/what",
            "lamella/v1/home/node/a/state/x", "lamella/v1/home/plan", "lamella/v1/home/plan/",
            "lamella/v1/home/plan/m/events", "lamella/v1/home/plan/m/event/x", "lamella/v1/home/model",
            "lamella/v1/home/model/m/x", "lamella/v1/home/command", "lamella/v1/home/command/replan/reply",
            "lamella/v1/home/command/replan/reply/", "lamella/v1/home/command/replan/answer/c",
            "lamella/v1/home/zone/CY", "lamella/v1/home/Leader", "lamella/v1/home/plan/+", "lamella/v1/home/#",
            "lamella/v1/home/plan/a\u{1}b", "$SYS/broker/uptime", "lamella/v1/homeleader",
        ])
    func refused(text: String) throws {
        let error = try #require(throws: TopicError.self) { try Topic(text, in: "home") }
        #expect(error.description.hasPrefix("topic '"))
    }

    @Test(
        "a name that cannot be part of a topic is refused when a topic is written",
        arguments: [
            "", "a/b", "+", "a#", "a\0b", "a\nb", "\u{7F}", "\u{FFFE}", String(repeating: "x", count: 129),
            String(repeating: "é", count: 65),
        ])
    func badNames(name: String) {
        #expect(TopicName.problem(with: name) != nil)
        #expect(throws: TopicError.self) { try Topic.model(name).text(in: "home") }
        #expect(throws: TopicError.self) { try Topic.leader.text(in: name) }
        #expect(throws: TopicError.self) { try Topic.watchFilters(in: name) }
        #expect(throws: TopicError.self) { try Topic.agentFilters(node: .init(name), in: "home") }
    }

    @Test("a name of the longest length is allowed")
    func longestName() throws {
        let name = String(repeating: "x", count: TopicName.maximumBytes)
        #expect(try Topic(Topic.model(name).text(in: name), in: name) == .model(name))
    }

    @Test("the sentence about a bad topic is bounded and has no control characters")
    func readableSentence() throws {
        let text = "lamella/v1/home/\u{1B}[31m" + String(repeating: "x", count: 5000)
        let error = try #require(throws: TopicError.self) { try Topic(text, in: "home") }
        #expect(error.description.count < 500 && !error.description.contains("\u{1B}"))
    }

    @Test("state, capabilities, leader, plans and models are retained; the rest is not")
    func retained() {
        #expect(Self.topics.filter { $0.0.isRetained }.count == 11)
        #expect(
            !Topic.planEvent("m").isRetained && !Topic.command("replan").isRetained && !Topic.nodeInbox("a").isRetained)
    }
}
