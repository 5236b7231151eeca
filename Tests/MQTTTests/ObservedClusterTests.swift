import Cluster
import Costs
import MQTT
import Testing

@Suite("A cluster as the broker tells it")
struct ObservedClusterTests {
    static let retained: [InboundMessage] = [
        .nodeState("b", .offline), .nodeState("a", .online), .capabilities(Samples.capabilities),
        .leader(Samples.leader), .model(Samples.model), .plan(Samples.plan),
    ]

    @Test("messages in any order give the same picture")
    func anyOrder() {
        var generator = SeededGenerator(seed: 5)
        var first: ObservedCluster?
        for _ in 0..<50 {
            var observed = ObservedCluster()
            for message in Self.retained.shuffled(using: &generator) { _ = observed.apply(message) }
            if let first { #expect(observed == first) }
            first = observed
        }
        #expect(first?.boards.map(\.node) == ["a", "b"])
        #expect(first?.liveLeader == Samples.leader)
        #expect(first?.plan("digits") == Samples.plan)
        #expect(first?.isSilent == false)
    }

    @Test("a message that was heard before changes nothing")
    func repeated() {
        var observed = ObservedCluster()
        for message in Self.retained { #expect(observed.apply(message) != nil) }
        for message in Self.retained { #expect(observed.apply(message) == nil) }
    }

    @Test("what is older than what is known is dropped")
    func stale() {
        var observed = ObservedCluster()
        for message in Self.retained { _ = observed.apply(message) }
        let before = observed
        var oldPlan = Samples.plan
        oldPlan.id.sequence -= 1
        var oldModel = Samples.model
        oldModel.version -= 1
        var oldCapabilities = Samples.capabilities
        oldCapabilities.version -= 1
        for message in [
            InboundMessage.leader(Samples.timelessLeader), .plan(oldPlan), .model(oldModel),
            .capabilities(oldCapabilities),
        ] {
            #expect(observed.apply(message) == nil)
        }
        #expect(observed == before)
    }

    @Test("what is newer takes its place")
    func newer() {
        var observed = ObservedCluster()
        for message in Self.retained { _ = observed.apply(message) }
        var plan = Samples.plan
        plan.id = PlanID(term: 4, leader: "b", sequence: 1)
        let leader = LeaderRecord(node: "b", term: 4, generation: 1)
        #expect(observed.apply(.plan(plan)) == .plan(plan))
        #expect(observed.apply(.leader(leader)) == .leader(leader))
        #expect(observed.plans == [plan] && observed.leader == leader)
    }

    @Test("the last word on each zone is kept, and goes when it is withdrawn")
    func zones() {
        var observed = ObservedCluster()
        var old = Samples.zoneCarbon
        old.at = "2020-01-01T00:00:00.000Z"
        old.intensityGPerKwh = 1
        for record in [Samples.bareZoneCarbon, Samples.zoneCarbon, old] {
            #expect(observed.apply(.zoneCarbon(record)) == nil)
        }
        #expect(observed.zones == [Samples.zoneCarbon, Samples.bareZoneCarbon])
        _ = observed.apply(.cleared(.zoneCarbon("CY")))
        #expect(observed.zones == [Samples.bareZoneCarbon])
        #expect(!observed.isSilent)
    }

    @Test("a leader whose board is offline leads no more")
    func offlineLeader() {
        var observed = ObservedCluster()
        for message in Self.retained { _ = observed.apply(message) }
        #expect(observed.apply(.nodeState("a", .offline)) == .nodeState("a", .offline))
        #expect(observed.liveLeader == nil && observed.leader != nil)
    }

    @Test("withdrawn messages are forgotten, and with the last of them the board")
    func cleared() {
        var observed = ObservedCluster()
        for message in Self.retained { _ = observed.apply(message) }
        #expect(observed.apply(.cleared(.leader)) == .leaderGone)
        #expect(observed.apply(.cleared(.leader)) == nil)
        #expect(observed.apply(.cleared(.plan("digits"))) == .planGone(model: "digits"))
        #expect(observed.apply(.cleared(.model("digits"))) == nil)
        #expect(observed.apply(.cleared(.nodeState("a"))) == nil)
        #expect(observed.boards.map(\.node) == ["a", "b"])
        #expect(observed.apply(.cleared(.nodeCapabilities("a"))) == nil)
        #expect(observed.apply(.cleared(.nodeState("b"))) == nil)
        #expect(observed.apply(.cleared(.nodeState("never heard of"))) == nil)
        #expect(observed.isSilent)
    }

    @Test("a removed model is not there, and its removal is news only once")
    func removed() {
        var observed = ObservedCluster()
        var record = Samples.model
        _ = observed.apply(.model(record))
        record.version += 1
        record.removed = true
        #expect(observed.apply(.model(record)) == .model(record))
        #expect(observed.models.isEmpty)
        #expect(observed.apply(.model(record)) == nil)
    }

    @Test("zones and what boards make of them are kept without a change being told; older records are dropped")
    func carbon() {
        func record(_ zone: String, _ value: Double, at: String) -> ZoneCarbon {
            ZoneCarbon(
                zone: zone, intensityGPerKwh: value, at: at, validUntil: "2026-11-21T09:00:00.000Z", source: "feed")
        }
        var observed = ObservedCluster()
        #expect(observed.apply(.zoneCarbon(record("FR", 50, at: "2026-11-21T02:00:00.000Z"))) == nil)
        _ = observed.apply(.zoneCarbon(record("CY", 500, at: "2026-11-21T02:00:00.000Z")))
        _ = observed.apply(.zoneCarbon(record("FR", 60, at: "2026-11-21T01:00:00.000Z")))
        _ = observed.apply(.nodeCarbon(Samples.nodeCarbon))
        _ = observed.apply(.nodeCarbon(Samples.nodeCarbon))
        #expect(observed.carbon.zones.map(\.zone) == ["CY", "FR"])
        #expect(observed.carbon.zones.map(\.intensityGPerKwh) == [500, 50])
        #expect(observed.carbon.boards == [Samples.nodeCarbon])
        _ = observed.apply(.cleared(.zoneCarbon("CY")))
        _ = observed.apply(.cleared(.nodeCarbon("a")))
        #expect(observed.carbon.zones.map(\.zone) == ["FR"])
        #expect(observed.carbon.boards.isEmpty && observed.boards.isEmpty)
    }

    @Test("more boards than the limit are not kept")
    func bounded() {
        var observed = ObservedCluster()
        for number in 0..<(ObservedCluster.maximumEntries + 100) {
            _ = observed.apply(.nodeState(NodeID("n\(number)"), .online))
        }
        #expect(observed.boards.count == ObservedCluster.maximumEntries)
        #expect(observed.boards.map(\.node) == observed.boards.map(\.node).sorted())
    }
}

@Suite("Addresses of brokers")
struct BrokerAddressTests {
    @Test(
        "an address is read and printed",
        arguments: [
            ("localhost", "localhost", 1883), ("h:1", "h", 1), ("10.0.0.1:65535", "10.0.0.1", 65_535),
            ("[::1]", "::1", 1883), ("[fe80::1]:99", "fe80::1", 99),
        ])
    func accepted(text: String, host: String, port: Int) {
        #expect(BrokerAddress(text) == BrokerAddress(host: host, port: port))
        #expect(BrokerAddress(BrokerAddress(host: host, port: port).description)?.port == port)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", ":", ":1883", "h:", "h:0", "h:65536", "h:-1", "h:+1", "h:1x", "h:1:2", "::1", "[::1", "[]:1", "[::1]x",
            "a b",
            "a/b", "h:999999999999999999999", String(repeating: "a", count: 256),
        ])
    func refused(text: String) {
        #expect(BrokerAddress(text) == nil)
    }
}
