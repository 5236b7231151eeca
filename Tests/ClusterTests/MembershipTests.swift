import Cluster
import Costs
import Testing

@Suite struct MembershipTests {
    private func membership(_ peers: [String] = ["b", "c", "d"]) -> Membership {
        var membership = Membership(
            own: capabilities("a"), life: Life(generation: 1, incarnation: 0), models: [],
            settings: MembershipSettings(), seed: 1, now: .zero)
        _ = membership.connect(now: .zero)
        for peer in peers { _ = membership.heardFrom(message(peer), now: .zero) }
        return membership
    }

    private func message(_ from: String, generation: UInt64 = 1, incarnation: UInt64 = 0) -> Message {
        Message(
            from: NodeID(from), life: Life(generation: generation, incarnation: incarnation), body: .gossip)
    }

    private func claim(_ node: String, _ status: MemberStatus, incarnation: UInt64 = 0, by: NodeID? = nil) -> Rumour {
        .member(
            MemberClaim(
                node: NodeID(node), status: status, life: Life(generation: 1, incarnation: incarnation),
                suspectedBy: by))
    }

    /// Ticks until the time without any answer.
    private func silence(_ membership: inout Membership, from: Duration, until end: Duration) {
        var now = from
        while now < end {
            _ = membership.tick(now: now)
            now = max(now + .milliseconds(1), min(end, membership.nextTick(now: now)))
        }
        _ = membership.tick(now: end)
    }

    @Test func aMemberThatNeverAnswersIsSuspectThenDead() {
        var membership = membership(["b"])
        silence(&membership, from: .zero, until: .milliseconds(2700))
        #expect(membership["b"]?.status == .suspect)
        silence(&membership, from: .milliseconds(2700), until: .seconds(5))
        #expect(membership["b"]?.status == .dead)
    }

    @Test func nobodyIsSuspectedWhileTheBrokerIsAway() {
        var membership = membership()
        membership.disconnect(now: .seconds(3))
        silence(&membership, from: .seconds(3), until: .seconds(100))
        #expect(membership.livePeers == ["b", "c", "d"])
        #expect(membership.members.allSatisfy { $0.status == .alive })
    }

    @Test func aSuspicionGoesOnWhereItWasWhenTheBrokerComesBack() {
        var membership = membership(["b"])
        _ = membership.apply([claim("b", .suspect, by: "c")], now: .seconds(3))
        membership.disconnect(now: .milliseconds(3100))
        _ = membership.connect(now: .seconds(60))
        #expect(membership["b"]?.status == .suspect)
        _ = membership.heardFrom(message("b", incarnation: 1), now: .milliseconds(60_100))
        #expect(membership["b"]?.status == .alive)
    }

    @Test func anOwnLoopThatStoodStillAccusesNobody() {
        var membership = membership(["b"])
        _ = membership.apply([claim("b", .suspect, by: "c")], now: .seconds(3))
        membership.stalled(by: .seconds(10), now: .seconds(13))
        _ = membership.tick(now: .seconds(13))
        #expect(membership["b"]?.status == .suspect)
    }

    @Test func aLastWillShortensTheSuspicion() {
        var membership = membership()
        membership.lastWill(of: "b", now: .seconds(10))
        #expect(membership["b"]?.status == .suspect)
        _ = membership.tick(now: .milliseconds(10_399))
        #expect(membership["b"]?.status == .suspect)
        _ = membership.tick(now: .milliseconds(10_400))
        #expect(membership["b"]?.status == .dead)
    }

    @Test func aSuspectRefutesWithAHigherIncarnation() {
        var membership = membership()
        _ = membership.apply([claim("a", .suspect, by: "b")], now: .seconds(1))
        #expect(membership.life == Life(generation: 1, incarnation: 1))
        #expect(membership.health.score == 1)
        _ = membership.apply([claim("a", .dead)], now: .seconds(1))
        #expect(membership.life.incarnation == 1)
    }

    @Test func aStartThatTheDiskForgotIsPassed() {
        var membership = membership()
        let claim = MemberClaim(node: "a", status: .alive, life: Life(generation: 9, incarnation: 0))
        #expect(membership.apply([.member(claim)], now: .zero).contains(.generationRaised))
        #expect(membership.life.generation == 10)
    }

    @Test func olderNewsOfAMemberIsDropped() {
        var membership = membership()
        _ = membership.heardFrom(message("b", incarnation: 5), now: .zero)
        _ = membership.apply([claim("b", .dead, incarnation: 4)], now: .zero)
        #expect(membership["b"]?.status == .alive)
        _ = membership.apply([claim("b", .dead, incarnation: 5)], now: .zero)
        #expect(membership["b"]?.status == .dead)
        _ = membership.apply([claim("b", .alive, incarnation: 5)], now: .zero)
        #expect(membership["b"]?.status == .dead)
    }

    @Test func aDeadNodeThatSpeaksIsToldSo() {
        var membership = membership()
        _ = membership.apply([claim("b", .dead)], now: .zero)
        let directives = membership.heardFrom(message("b"), now: .seconds(1))
        #expect(directives.contains(.send(.gossip, to: "b")))
        let told = membership.rumours(for: "b").contains { rumour in
            if case .member(let claim) = rumour { return claim.node == "b" && claim.status == .dead }
            return false
        }
        #expect(told)
    }

    @Test func aSilentTargetIsProbedThroughOthers() {
        var membership = membership()
        var asked: [NodeID] = []
        var now = Duration.zero
        while asked.isEmpty, now < .seconds(2) {
            for case .send(.pingRequest, let to) in membership.tick(now: now) { asked.append(to) }
            now += .milliseconds(10)
        }
        #expect(asked.count == 2)
    }

    @Test func aRelayedProbeIsAnsweredOrDeniedByName() {
        var membership = membership()
        let directives = membership.heardPingRequest(sequence: 77, target: "c", from: "b", now: .seconds(1))
        guard case .send(.ping(let sequence), "c")? = directives.first else {
            Issue.record("the target is pinged")
            return
        }
        #expect(membership.heardAck(sequence: sequence, of: "c") == [.send(.ack(sequence: 77, of: "c"), to: "b")])
        _ = membership.heardPingRequest(sequence: 78, target: "c", from: "b", now: .seconds(1))
        let later = membership.tick(now: .seconds(2))
        #expect(later.contains(.send(.nack(sequence: 78, of: "c"), to: "b")))
    }

    @Test func aMessageCarriesABoundedNumberOfRumours() {
        var membership = membership((0..<40).map { "n\($0)" })
        let rumours = membership.rumours(for: "n0")
        #expect(rumours.count <= ClusterLimits.rumoursPerMessage + ClusterLimits.heavyRumoursPerMessage)
    }

    @Test func theClusterIsBoundedAndTheDeadMakeRoom() {
        var membership = membership((0..<ClusterLimits.members - 1).map { "n\($0)" })
        let refused = membership.heardFrom(message("more"), now: .zero)
        #expect(membership["more"] == nil)
        #expect(refused.contains { if case .warning = $0 { true } else { false } })
        _ = membership.apply([claim("n3", .dead)], now: .zero)
        _ = membership.heardFrom(message("more"), now: .zero)
        #expect(membership["more"]?.status == .alive && membership["n3"] == nil)
    }

    @Test func capabilitiesAreTakenByVersion() {
        var membership = membership()
        var newer = capabilities("b", flops: 2)
        newer.version = 5
        _ = membership.heard(newer, now: .zero)
        _ = membership.heard(capabilities("b", flops: 1), now: .zero)
        #expect(membership["b"]?.capabilities == newer)
    }

    @Test func aDigestIsAnsweredWithWhatItsSenderLacks() {
        var membership = membership()
        _ = membership.heard(model())
        let digest = Digest(members: [], capabilities: [], models: [], answerWanted: true)
        let directives = membership.heard(digest, from: "b", now: .zero)
        let sent = directives.contains { directive in
            if case .news(let rumours, to: "b") = directive { return rumours.contains(.model(model())) }
            return false
        }
        #expect(sent)
        let again = membership.heard(
            Digest(
                members: [], capabilities: [.init(node: "a", version: .max)],
                models: [.init(name: "m", version: 1, holders: 1)], answerWanted: false), from: "b", now: .zero)
        #expect(again.isEmpty)
    }

    @Test func aLifeOutOfRangeIsDroppedByName() {
        var membership = membership()
        let claim = MemberClaim(node: "b", status: .alive, life: Life(generation: .max, incarnation: 0))
        let directives = membership.apply([.member(claim)], now: .zero)
        #expect(directives.contains { if case .warning = $0 { true } else { false } })
        #expect(membership["b"]?.life.generation == 1)
    }
}

@Suite struct SuspicionTests {
    private let settings = MembershipSettings()

    @Test func confirmationsShortenTheTimeoutToTheMinimum() {
        var suspicion = Suspicion(startedAt: .zero, by: "a")
        #expect(suspicion.deadline(settings, others: 5) == settings.suspicionMaximum)
        #expect(suspicion.confirm(by: "b") == true)
        let once = suspicion.deadline(settings, others: 5)
        #expect(once < settings.suspicionMaximum && once > settings.suspicionMinimum)
        #expect(suspicion.confirm(by: "c") == true)
        #expect(suspicion.deadline(settings, others: 5) == settings.suspicionMinimum)
    }

    @Test func theSameAccuserCountsOnce() {
        var suspicion = Suspicion(startedAt: .zero, by: "a")
        #expect(suspicion.confirm(by: "a") == false)
    }

    @Test func withNobodyToConfirmTheMinimumHolds() {
        #expect(Suspicion(startedAt: .zero, by: "a").deadline(settings, others: 0) == settings.suspicionMinimum)
    }
}

@Suite struct RumourQueueTests {
    @Test func thoseSentLeastGoFirstAndLeaveAfterTheLimit() {
        var queue = RumourQueue()
        queue.add(.member("a"))
        queue.add(.member("b"))
        #expect(queue.take(light: 1, heavy: 1, limit: 2) == [.member("a")])
        #expect(queue.take(light: 1, heavy: 1, limit: 2) == [.member("b")])
        #expect(queue.take(light: 2, heavy: 1, limit: 2) == [.member("b"), .member("a")])
        #expect(queue.isEmpty)
    }

    @Test func newNewsOfTheSameSubjectSpreadsAnew() {
        var queue = RumourQueue()
        queue.add(.member("a"))
        _ = queue.take(light: 1, heavy: 0, limit: 2)
        queue.add(.member("a"))
        #expect(queue.count == 1)
        _ = queue.take(light: 1, heavy: 0, limit: 2)
        #expect(!queue.isEmpty)
    }

    @Test func heavyNewsIsCountedApart() {
        var queue = RumourQueue()
        for index in 0..<5 { queue.add(.model("m\(index)")) }
        queue.add(.member("a"))
        #expect(queue.take(light: 8, heavy: 2, limit: 9) == [.model("m0"), .model("m1"), .member("a")])
    }

    @Test(arguments: [(1, 3), (2, 6), (3, 6), (4, 9), (64, 21)])
    func theLimitGrowsWithTheLogarithmOfTheCluster(members: Int, limit: Int) {
        #expect(RumourQueue.limit(multiplier: 3, members: members) == limit)
    }
}

@Suite struct ModelCatalogueTests {
    @Test func recordsMergeToTheSameInEveryOrder() {
        var moved = model(version: 2)
        moved.graphSHA256 = "ff"
        var removed = model(version: 2)
        removed.removed = true
        let records = [model(holders: ["a"]), model(holders: ["b"]), model(version: 2), moved, removed]
        var generator = SeededGenerator(seed: 1)
        let expected = ModelCatalogue(records)
        for _ in 0..<20 { #expect(ModelCatalogue(records.shuffled(using: &generator)) == expected) }
        #expect(expected.present.isEmpty)
    }

    @Test func holdersOfOneRecordAreUnited() {
        var catalogue = ModelCatalogue([model(holders: ["b"])])
        #expect(catalogue.merge(model(holders: ["a"])) == .changed)
        #expect(catalogue["m"]?.holders == ["a", "b"])
        #expect(catalogue.merge(model(holders: ["a"])) == .known)
    }

    @Test func theCatalogueIsBounded() {
        var catalogue = ModelCatalogue((0..<ClusterLimits.models).map { model("m\($0)") })
        #expect(catalogue.merge(model("more")) == .refused)
    }
}

@Suite struct LocalHealthTests {
    @Test func silenceOfRelaysStretchesProbesAndAnswersShortenThem() {
        var health = LocalHealth(maximum: 2)
        health.relaysSilent(5)
        #expect(health.stretched(.seconds(1)) == .seconds(3))
        health.probeAnswered()
        #expect(health.stretched(.seconds(1)) == .seconds(2))
    }
}
