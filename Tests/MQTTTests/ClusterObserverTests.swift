import Cluster
import Costs
import MQTT
import Testing

@Suite("Observer against a real broker")
struct ClusterObserverTests {
    private func say(_ messages: [OutboundMessage], with client: TestClient) async throws {
        try await client.subscribe("#")
        for message in messages {
            let publication = try message.publication(in: Samples.cluster)
            try client.client.publish(publication)
            _ = try await client.log.message(publication.topic)
        }
    }

    private func address(_ broker: PrivateBroker) -> BrokerAddress {
        BrokerAddress(host: broker.host, port: broker.port)
    }

    @Test("a snapshot has everything that is retained")
    func snapshot() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "a")
            try await say(
                [
                    .nodeState("a", .online), .capabilities(Samples.capabilities), .leader(Samples.leader),
                    .model(Samples.model), .plan(Samples.plan),
                ], with: node)
            let (observed, problems) = try await ClusterObserver.snapshot(
                broker: address(broker), cluster: Samples.cluster)
            #expect(observed.boards.map(\.node) == ["a"])
            #expect(observed.board("a")?.capabilities == Samples.capabilities)
            #expect(observed.leader == Samples.leader)
            #expect(observed.models == [Samples.model])
            #expect(observed.plans == [Samples.plan])
            #expect(problems.isEmpty)
        }
    }

    @Test("a snapshot of 200 boards has them all")
    func manyBoards() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "a")
            let names = (0..<200).map { NodeID("n\($0)") }
            try await say(names.map { .nodeState($0, .online) }, with: node)
            let (observed, _) = try await ClusterObserver.snapshot(broker: address(broker), cluster: Samples.cluster)
            #expect(observed.boards.count == 200)
        }
    }

    @Test("a cluster in which nobody spoke is silent, and other clusters are not seen")
    func silent() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "a")
            try await say([.leader(Samples.leader)], with: node)
            let (observed, _) = try await ClusterObserver.snapshot(broker: address(broker), cluster: "other")
            #expect(observed.isSilent)
        }
    }

    @Test("garbage that is retained is reported as sentences, and hides nothing else")
    func garbage() async throws {
        try await withBroker { broker in
            let node = try await TestClient(broker, "a")
            try await say([.leader(Samples.leader)], with: node)
            let topics = ["node/a/state", "node/a/capabilities", "plan/x", "model/y"].map { "lamella/v1/home/\($0)" }
            for topic in topics {
                try node.client.publish(topic, "garbage", retained: true)
                _ = try await node.log.message(topic)
            }
            let (observed, problems) = try await ClusterObserver.snapshot(
                broker: address(broker), cluster: Samples.cluster)
            #expect(observed.leader == Samples.leader)
            #expect(problems.count == topics.count)
            for topic in topics { #expect(problems.contains { $0.hasPrefix("payload on \(topic): ") }) }
        }
    }

    @Test("without a broker a snapshot fails with one sentence")
    func absentBroker() async throws {
        try await withBroker { broker in
            await broker.stop()
            let error = try #require(
                await #expect(throws: ClusterObserver.Failure.self) {
                    try await ClusterObserver.snapshot(broker: address(broker), cluster: Samples.cluster)
                })
            #expect(error.description.contains("no broker answers at 127.0.0.1:\(broker.port)"))
        }
    }

    @Test("a broker that never answers is reported when the time is up")
    func silentBroker() async throws {
        let listener = try SilentListener()
        let broker = BrokerAddress(host: "127.0.0.1", port: listener.port)
        // On a busy machine a client needs a while to connect at all.
        await #expect(throws: ClusterObserver.Failure.silentBroker(broker, after: .seconds(1))) {
            try await ClusterObserver.snapshot(broker: broker, cluster: "home", within: .seconds(1))
        }
    }

    @Test("changes after the retained state are seen in order, and a restart of the broker loses nothing")
    func live() async throws {
        try await withBroker { broker in
            let observer = try ClusterObserver(broker: address(broker), cluster: Samples.cluster, purpose: "test")
            let node = try await TestClient(broker, "a")
            var caughtUp = 0
            var changes: [ObservedCluster.Change] = []
            let final: ObservedCluster? = try await observer.run(until: .now + EventLog.patience) {
                observation, known in
                switch observation {
                case .caughtUp where caughtUp == 0:
                    caughtUp += 1
                    try await say([.leader(Samples.leader), .planEvent(Samples.events[2])], with: node)
                    try await broker.restart()
                    try await node.log.connected()
                case .caughtUp:
                    caughtUp += 1
                    let publication = try OutboundMessage.plan(Samples.plan).publication(in: Samples.cluster)
                    try node.client.publish(publication)
                case .changed(let change):
                    changes.append(change)
                    if case .plan = change { return known }
                default: break
                }
                return nil
            }
            #expect(caughtUp == 2)
            #expect(changes == [.leader(Samples.leader), .planEvent(Samples.events[2]), .plan(Samples.plan)])
            #expect(final?.leader == Samples.leader)
        }
    }

    @Test("a request for a new plan reaches the leader, and its answer only the one who asked")
    func replan() async throws {
        try await withBroker { broker in
            let leader = try await TestClient(broker, "leader")
            try await leader.subscribe("lamella/v1/home/command/+")
            let asking = try ClusterObserver(broker: address(broker), cluster: "home", purpose: "ask")
            let other = try ClusterObserver(broker: address(broker), cluster: "home", purpose: "other")
            #expect(asking.clientName != other.clientName)
            let reply: ReplanReply? = try await asking.run(until: .now + EventLog.patience) { observation, _ in
                switch observation {
                case .caughtUp:
                    let request = ReplanRequest(model: "digits", reason: "test", client: asking.clientName)
                    try asking.client.publish(try OutboundMessage.replan(request).publication(in: "home"))
                    let heard = try await leader.log.message("lamella/v1/home/command/replan")
                    let message = try InboundMessage(
                        topic: "lamella/v1/home/command/replan", payload: Array(heard.text.utf8), in: "home")
                    #expect(message == .replan(request))
                    let answer = ReplanReply(
                        client: asking.clientName, model: "digits", outcome: .kept, reason: "it is the best")
                    try leader.client.publish(try OutboundMessage.replanReply(answer).publication(in: "home"))
                    return nil
                case .reply(let reply): return reply
                default: return nil
                }
            }
            #expect(reply?.reason == "it is the best")
            let heard: ReplanReply? = try await other.run(until: .now + EventLog.patience) { observation, _ in
                if case .reply(let reply) = observation { return reply }
                if case .caughtUp = observation { await other.client.stop() }
                return nil
            }
            #expect(heard == nil)
        }
    }
}
