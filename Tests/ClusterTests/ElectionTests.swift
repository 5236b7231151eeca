import Cluster
import Costs
import Testing

@Suite struct ElectionTests {
    @Test func theHighestRankLeadsAndItsTermIsOnDiskBeforeItSpeaks() throws {
        let mesh = Mesh([capabilities("a"), capabilities("b", deviceClass: .hub), capabilities("c")])
        #expect(mesh.run(until: { $0.leader == "b" }, limit: .seconds(3)) != nil)
        let index = try #require(mesh.index("b"))
        let effects = mesh.boards[index].effects
        let spoke = try #require(effects.firstIndex { if case .publishLeader = $0 { true } else { false } })
        let persisted = effects[..<spoke].contains { effect in
            if case .persist(let state) = effect { return state.termNumber == 1 }
            return false
        }
        #expect(persisted)
    }

    @Test func theFirstEffectOfAStartIsToPersistIt() {
        var member = ClusterMember(
            capabilities: capabilities("a"), stored: StoredState(generation: 4), seed: 1, now: .zero)
        #expect(member.handle(.tick, now: .zero).first == .persist(StoredState(generation: 5)))
    }

    @Test(arguments: [(true, Duration.seconds(1)), (false, .milliseconds(2500))])
    func aKilledLeaderIsReplacedInAHigherTerm(lastWills: Bool, limit: Duration) {
        let mesh = Mesh([capabilities("a"), capabilities("b"), capabilities("c")])
        mesh.lastWills = lastWills
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.run(for: .seconds(3))
        mesh.kill("a")
        #expect(mesh.run(until: { $0.leader == "b" }, limit: limit) != nil)
        #expect(mesh.view("b")?.leader?.term == 2)
    }

    @Test func theLeaderStaysWhenAHigherRankJoins() {
        let mesh = Mesh([capabilities("a"), capabilities("b"), capabilities("c", deviceClass: .cloud)])
        mesh.kill("c")
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.restart("c", capabilities("c", deviceClass: .cloud))
        mesh.run(for: .seconds(5))
        #expect(mesh.leader == "a")
    }

    @Test func aLeaderThatBecomesIneligibleIsReplaced() {
        let mesh = Mesh([capabilities("a"), capabilities("b")])
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.tell("a", .capabilitiesChanged(capabilities("a", eligible: false)))
        #expect(mesh.run(until: { $0.leader == "b" }, limit: .seconds(3)) != nil)
    }

    @Test func aLeaderThatWasIneligibleForAMomentTakesANewTerm() {
        let mesh = Mesh([capabilities("a")])
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.tell("a", .capabilitiesChanged(capabilities("a", eligible: false)))
        #expect(mesh.view("a")?.leader == nil)
        mesh.tell("a", .capabilitiesChanged(capabilities("a")))
        #expect(mesh.run(until: { $0.view("a")?.leader?.term == 2 }, limit: .seconds(2)) != nil)
    }

    @Test func aLeaderThatRestartsAtOnceDoesNotLeadInItsOldTerm() {
        let mesh = Mesh([capabilities("a"), capabilities("b")])
        mesh.lastWills = false
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.kill("a")
        mesh.restart("a", capabilities("a"))
        #expect(mesh.run(until: { $0.leader != nil && $0.view($0.leader ?? "")?.leader?.term == 2 }) != nil)
    }

    @Test func twoSidesOfAPartitionLeadInTwoTermsAndTheHigherOneWinsWhenTheyMeet() throws {
        let mesh = Mesh(["a", "b", "c", "d"].map { capabilities($0) })
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        mesh.run(for: .seconds(3))
        let side: [NodeID] = ["a", "b"]
        mesh.isCut = { from, to in side.contains(from) != side.contains(to) }
        mesh.run(for: .seconds(6))
        let left = try #require(mesh.view("a")?.leader)
        let right = try #require(mesh.view("d")?.leader)
        #expect(left.node == "a" && right.node == "c" && left.leadership < right.leadership)
        mesh.isCut = { _, _ in false }
        #expect(mesh.run(until: { $0.leader == "c" }, limit: .seconds(5)) != nil)
    }

    @Test func aTermSeenInAnythingIsPassed() {
        let mesh = Mesh([capabilities("a"), capabilities("b")])
        mesh.tell("b", .leaderHeard(LeaderRecord(node: "ghost", term: 41, generation: 1)))
        mesh.tell("b", .planHeard(record(planID(77, 1, "ghost"))))
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        #expect(mesh.view("a")?.leader?.term == 78)
    }

    @Test func aTermOutOfRangeIsIgnored() {
        let mesh = Mesh([capabilities("a")])
        mesh.tell("a", .leaderHeard(LeaderRecord(node: "ghost", term: .max, generation: 1)))
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        #expect(mesh.view("a")?.leader?.term == 1)
    }

    @Test func leadersThatHearOnlyEachOthersClaimsDoNotRaceThroughTheTerms() throws {
        let mesh = Mesh(["a", "b"].map { capabilities($0) })
        #expect(mesh.run(until: { $0.leader == "a" }) != nil)
        // What is published arrives, what is said to the inbox does not.
        mesh.isLost = { _, _, _ in true }
        mesh.run(for: .seconds(20))
        #expect(try #require(mesh.view("a")).termNumber < 20)
        mesh.isLost = { _, _, _ in false }
        #expect(mesh.run(until: { $0.leader != nil }, limit: .seconds(5)) != nil)
    }

    @Test func nobodyIsElectedWithoutABroker() {
        var member = ClusterMember(capabilities: capabilities("a"), seed: 1, now: .zero)
        for second in 0..<20 {
            #expect(
                !member.handle(.tick, now: .seconds(second)).contains {
                    if case .publishLeader = $0 { true } else { false }
                })
        }
        #expect(member.view.leader == nil)
    }
}
