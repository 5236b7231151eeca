import Cluster
import Costs
import Testing

@Suite struct PlanAgreementTests {
    private func started(
        _ names: [String] = ["a", "b", "c"], settings: ClusterSettings = ClusterSettings(),
        memoryBytes: Int = 100_000_000, _ prepare: (Mesh) -> Void = { _ in }
    ) -> Mesh {
        let mesh = Mesh(names.map { capabilities($0, memoryBytes: memoryBytes) }, settings: settings)
        prepare(mesh)
        mesh.tell("a", .modelAdded(model()))
        return mesh
    }

    private func commits(_ mesh: Mesh, _ node: NodeID) -> [PlanID] {
        guard let index = mesh.index(node) else { return [] }
        return mesh.boards[index].effects.compactMap { if case .commit(let plan, _) = $0 { plan } else { nil } }
    }

    private func abandoned(_ mesh: Mesh, _ node: NodeID) -> [PlanID] {
        guard let index = mesh.index(node) else { return [] }
        return mesh.boards[index].effects.compactMap { if case .abandon(let plan, _) = $0 { plan } else { nil } }
    }

    @Test func aPlanIsCommittedOnlyWhenEveryParticipantIsReady() throws {
        let mesh = started { mesh in
            mesh.runner = { node, record in node == "c" ? nil : .prepared(record.id, memory: []) }
        }
        #expect(mesh.run(until: { $0.events.contains { $0.event == .proposed } }) != nil)
        mesh.run(for: .seconds(2))
        #expect(mesh.inForce == nil && commits(mesh, "a").isEmpty)
        let plan = try #require(mesh.events.first { $0.event == .proposed }?.plan)
        mesh.tell("c", .prepared(plan, memory: []))
        #expect(mesh.run(until: { $0.inForce?.id == plan }) != nil)
        mesh.run(for: .seconds(1))
        for node: NodeID in ["a", "b", "c"] { #expect(commits(mesh, node) == [plan]) }
    }

    @Test func aBoardThatRefusesIsLeftOutOfTheNextPlan() {
        let mesh = started { mesh in
            mesh.runner = { node, record in
                node == "c" ? .refused(record.id, reason: "out of memory") : .prepared(record.id, memory: [])
            }
        }
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        #expect(mesh.inForce?.participants == ["a", "b"])
        #expect(mesh.events.contains { $0.event == .refused && $0.reason.contains("out of memory") })
        #expect(abandoned(mesh, "a").count == 1)
    }

    @Test func aBoardThatIsNeverReadyCountsAsRefused() {
        var settings = ClusterSettings()
        settings.plans.prepareTimeout = .seconds(2)
        let mesh = started(settings: settings) { mesh in
            mesh.runner = { node, record in node == "b" ? nil : .prepared(record.id, memory: []) }
        }
        #expect(mesh.run(until: { $0.inForce?.participants == ["a", "c"] }) != nil)
    }

    @Test func aParticipantThatDiesWhilePreparingEndsTheProposal() {
        let mesh = started { mesh in
            mesh.runner = { node, record in node == "c" ? nil : .prepared(record.id, memory: []) }
        }
        #expect(mesh.run(until: { $0.events.contains { $0.event == .proposed } }) != nil)
        mesh.kill("c")
        #expect(mesh.run(until: { $0.inForce?.participants == ["a", "b"] }, limit: .seconds(3)) != nil)
        #expect(mesh.events.contains { $0.event == .refused && $0.reason.contains("gone") })
    }

    @Test(arguments: [true, false]) func aKilledLeaderCostsAtMostFiveSecondsUntilANewPlan(lastWills: Bool) {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.tell("a", .modelAdded(model(source: "b")))
        mesh.run(for: .seconds(3))
        mesh.lastWills = lastWills
        let before = mesh.inForce?.id
        mesh.kill("a")
        mesh.solver = { request in
            .planned(plan(on: request.members.map { $0.devices[0].id.name }), incumbentLatencyS: nil, moveS: nil)
        }
        let took = mesh.run(until: { $0.inForce.map { $0.id != before } ?? false }, limit: .seconds(5))
        #expect(took != nil)
        #expect(mesh.inForce?.participants == ["b", "c"])
        #expect(before.flatMap { old in mesh.inForce.map { old < $0.id } } == true)
    }

    @Test func aNewLeaderGoesOnWithThePlanInForceWhenItsBoardsAreAllThere() {
        let mesh = Mesh(["a", "b", "c"].map { capabilities($0) })
        mesh.solver = { request in
            .planned(plan(on: ["b", "c"]), incumbentLatencyS: request.incumbent == nil ? nil : 0.1, moveS: 0)
        }
        mesh.tell("b", .modelAdded(model(source: "b", holders: ["b"])))
        #expect(mesh.run(until: { $0.inForce?.participants == ["b", "c"] }) != nil)
        mesh.run(for: .seconds(3))
        let before = mesh.inForce
        mesh.kill("a")
        #expect(mesh.run(until: { $0.leader == "b" }) != nil)
        mesh.run(for: .seconds(10))
        #expect(mesh.inForce == before && before != nil)
        #expect(abandoned(mesh, "b").isEmpty && abandoned(mesh, "c").isEmpty)
        #expect(mesh.events.last?.event == .kept)
    }

    @Test func theLeaderThatDiesBetweenPrepareAndCommitLeavesNoPlanBehind() {
        let mesh = started(["a", "b", "c"]) { mesh in
            mesh.runner = { node, record in node == "a" ? nil : .prepared(record.id, memory: []) }
        }
        mesh.tell("a", .modelAdded(model(source: "b")))
        #expect(mesh.run(until: { $0.events.contains { $0.event == .proposed } }) != nil)
        mesh.run(for: .seconds(1))
        mesh.kill("a")
        #expect(mesh.run(until: { $0.inForce?.participants == ["b", "c"] }, limit: .seconds(5)) != nil)
        #expect(mesh.inForce?.id.term == 2)
        #expect(abandoned(mesh, "b").map(\.term) == [1])
    }

    @Test func aRunnerThatDiesCostsAReplanAndNotTheMembership() {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(1))
        let before = mesh.inForce?.id
        mesh.tell("b", .executorLost(reason: "the runner was killed by the kernel"))
        #expect(mesh.run(until: { $0.inForce.map { $0.id != before } ?? false }, limit: .seconds(3)) != nil)
        #expect(mesh.events.contains { $0.event == .lost && $0.reason.contains("killed by the kernel") })
        #expect(mesh.view("a")?.live == ["a", "b", "c"])
    }

    @Test func aBoardWhoseDiskIsFullRefusesByNameAndIsUsedAgainWhenThereIsRoom() {
        let mesh = started { mesh in
            mesh.tell("b", .storageChanged(fault: "the disk is full"))
            var out = capabilities("b")
            out.conditions = ["the disk is full"]
            mesh.tell("b", .capabilitiesChanged(out))
        }
        #expect(mesh.run(until: { $0.inForce != nil }, limit: .seconds(5)) != nil)
        #expect(mesh.inForce?.participants == ["a", "c"])
        #expect(mesh.events.contains { $0.event == .refused && $0.reason.contains("the disk is full") })
        mesh.run(for: .seconds(6))
        mesh.tell("b", .storageChanged(fault: nil))
        mesh.tell("b", .capabilitiesChanged(capabilities("b")))
        #expect(mesh.run(until: { $0.events.contains { $0.reason.contains("in order again") } }) != nil)
    }

    @Test func aBoardThatSaysWhatIsWrongAfterTheNextPlanWasSoughtIsUsedAgainToo() {
        let mesh = started { mesh in mesh.tell("b", .storageChanged(fault: "the disk is full")) }
        #expect(mesh.run(until: { $0.inForce != nil }, limit: .seconds(5)) != nil)
        #expect(mesh.inForce?.participants == ["a", "c"])
        mesh.run(for: .seconds(6))
        let solves = mesh.solved.count
        var out = capabilities("b")
        out.conditions = ["the disk is full"]
        mesh.tell("b", .capabilitiesChanged(out))
        mesh.run(for: .seconds(2))
        #expect(mesh.solved.count == solves)
        mesh.tell("b", .storageChanged(fault: nil))
        mesh.tell("b", .capabilitiesChanged(capabilities("b")))
        #expect(mesh.run(until: { $0.events.contains { $0.reason.contains("in order again") } }) != nil)
    }

    @Test func aParticipantThatRestartedHasLostThePlan() {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        let before = mesh.inForce?.id
        mesh.lastWills = false
        mesh.kill("b")
        mesh.restart("b", capabilities("b"))
        #expect(mesh.run(until: { $0.inForce.map { $0.id != before } ?? false }, limit: .seconds(4)) != nil)
        #expect(mesh.events.contains { $0.event == .lost && $0.reason.contains("restarted") })
    }

    @Test func aBetterPlanReplacesTheOldOneWhichDrainsAtTheSource() throws {
        let mesh = started()
        mesh.drainsAtOnce = false
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(6))
        let before = try #require(mesh.inForce)
        mesh.solver = { _ in .planned(plan(on: ["a", "c"], latencyS: 0.01), incumbentLatencyS: 0.1, moveS: 0.1) }
        mesh.tell("a", .replanRequested(ReplanRequest(reason: "try", client: "x")))
        #expect(mesh.run(until: { $0.inForce.map { $0.id != before.id } ?? false }) != nil)
        mesh.run(for: .seconds(1))
        let source = try #require(mesh.index("a"))
        #expect(mesh.boards[source].effects.contains(.drain(before.id, model: "m")))
        #expect(abandoned(mesh, "b").isEmpty)
        mesh.tell("a", .drained(before.id))
        mesh.run(for: .seconds(1))
        for node: NodeID in ["a", "b", "c"] { #expect(abandoned(mesh, node) == [before.id]) }
        #expect(mesh.replies.map(\.outcome) == [.planned])
        #expect(mesh.replies.first?.plan == mesh.inForce?.id)
    }

    @Test func aPlanThatDoesNotDrainIsReleasedAfterTheTimeout() throws {
        let mesh = started()
        mesh.drainsAtOnce = false
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        let before = try #require(mesh.inForce)
        mesh.solver = { _ in .planned(plan(on: ["a", "c"], latencyS: 0.01), incumbentLatencyS: 0.1, moveS: 0.1) }
        mesh.tell("a", .replanRequested(ReplanRequest()))
        mesh.run(for: .seconds(8))
        #expect(mesh.events.contains { $0.event == .drained && $0.plan == before.id })
        #expect(abandoned(mesh, "b") == [before.id])
    }

    @Test func boardsTooSmallForBothPlansDrainTheOldOneFirst() throws {
        let mesh = started(memoryBytes: 1_500_000)
        mesh.drainsAtOnce = false
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(1))
        let before = try #require(mesh.inForce)
        mesh.solver = { _ in .planned(plan(on: ["a", "c"], latencyS: 0.01), incumbentLatencyS: 0.1, moveS: 0.1) }
        mesh.tell("a", .replanRequested(ReplanRequest()))
        mesh.run(for: .seconds(1))
        let source = try #require(mesh.index("a"))
        func prepares() -> Int {
            mesh.boards[source].effects.count { if case .prepare = $0 { true } else { false } }
        }
        #expect(mesh.boards[source].effects.contains(.drain(before.id, model: "m")))
        #expect(prepares() == 1)
        mesh.tell("a", .drained(before.id))
        #expect(mesh.run(until: { $0.inForce.map { $0.id != before.id } ?? false }) != nil)
        #expect(prepares() == 2)
        #expect(abandoned(mesh, "c") == [before.id])
    }

    @Test func whoAsksForABetterPlanIsToldWhyTheOldOneStays() {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.solver = { _ in .planned(plan(on: ["a", "c"], latencyS: 0.099), incumbentLatencyS: 0.1, moveS: 0.1) }
        mesh.tell("a", .replanRequested(ReplanRequest(model: "m", reason: "hot", client: "x")))
        #expect(mesh.run(until: { !$0.replies.isEmpty }) != nil)
        #expect(mesh.replies.first?.outcome == .kept)
        #expect(mesh.replies.first?.reason.contains("margin") == true)
        #expect(mesh.events.last?.event == .kept)
    }

    @Test func aMarginThatIsLoweredWhileTheLeaderLeadsHoldsAtOnce() {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.solver = { _ in .planned(plan(on: ["a", "c"], latencyS: 0.099), incumbentLatencyS: 0.1, moveS: 0.1) }
        for node in ["a", "b", "c"] as [NodeID] { mesh.tell(node, .planningChanged(PlanningSettings(margin: 0.001))) }
        mesh.tell("a", .replanRequested(ReplanRequest(model: "m", reason: "hot", client: "x")))
        #expect(mesh.run(until: { !$0.replies.isEmpty }) != nil)
        #expect(mesh.replies.first?.outcome == .planned)
    }

    @Test func whoAsksForAModelThatIsNotThereIsToldSo() {
        let mesh = started()
        #expect(mesh.run(until: { $0.leader != nil }) != nil)
        mesh.tell("a", .replanRequested(ReplanRequest(model: "nope", client: "x")))
        #expect(mesh.run(until: { !$0.replies.isEmpty }) != nil)
        #expect(mesh.replies.first?.outcome == .failed)
        #expect(mesh.replies.first?.reason.contains("nope") == true)
    }

    @Test func aLinkThatLosesHalfItsBandwidthLeadsToASolve() {
        let mesh = started()
        func linked(_ bandwidth: Double) -> NodeCapabilities {
            capabilities(
                "b", links: [LinkMeasurement(peer: "a", bandwidthBytesPerS: bandwidth, latencyS: 0, source: "probe")])
        }
        mesh.tell("b", .capabilitiesChanged(linked(1e7)))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(6))
        let before = mesh.events.count
        mesh.tell("b", .capabilitiesChanged(linked(5e6)))
        #expect(mesh.run(until: { $0.events.count > before }, limit: .seconds(6)) != nil)
        #expect(mesh.events.last?.reason.contains("link b-a changed from 10.0 MB/s to 5.0 MB/s") == true)
    }

    @Test func aModelThatNoBoardsCanHoldIsSaidAndTriedAgainWhenABoardJoins() {
        let mesh = Mesh(["a", "b", "c"].map { capabilities($0) })
        mesh.kill("c")
        mesh.solver = { request in
            request.members.count < 3
                ? .infeasible(reason: "10 bytes are needed and 5 offered")
                : .planned(plan(on: ["a", "b", "c"]), incumbentLatencyS: nil, moveS: nil)
        }
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.events.contains { $0.event == .failed } }) != nil)
        #expect(mesh.events.last?.reason == "10 bytes are needed and 5 offered")
        mesh.run(for: .seconds(5))
        mesh.restart("c", capabilities("c"))
        #expect(mesh.run(until: { $0.inForce != nil }, limit: .seconds(5)) != nil)
    }

    @Test func aRemovedModelLosesItsPlan() {
        let mesh = started()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        var removed = model(version: 2)
        removed.removed = true
        mesh.tell("a", .modelAdded(removed))
        mesh.run(for: .seconds(2))
        #expect(mesh.inForce == nil && mesh.view("b")?.plans.isEmpty == true)
        #expect(abandoned(mesh, "c").count == 1)
    }

    @Test func aSolverThatNeverAnswersIsCancelledAndTriedAgain() {
        var settings = ClusterSettings()
        settings.plans.solveTimeout = .seconds(1)
        let mesh = started(settings: settings) { $0.solver = { _ in nil } }
        #expect(mesh.run(until: { $0.events.contains { $0.event == .failed } }) != nil)
        let index = mesh.index("a") ?? 0
        #expect(mesh.boards[index].effects.contains { if case .cancelSolve = $0 { true } else { false } })
        mesh.solver = { _ in .planned(plan(on: ["a"]), incumbentLatencyS: nil, moveS: nil) }
        #expect(mesh.run(until: { $0.inForce != nil }, limit: .seconds(5)) != nil)
    }

    @Test(arguments: UInt64(1)...8) func lostMessagesOnlyDelayAPlan(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var lost = Set<Int>()
        for message in 0..<2000 where generator.chance(0.3) { lost.insert(message) }
        final class Counter { var count = 0 }
        let counter = Counter()
        let mesh = started { mesh in
            mesh.isLost = { _, _, _ in
                counter.count += 1
                return lost.contains(counter.count)
            }
        }
        #expect(mesh.run(until: { $0.inForce != nil && $0.view("c")?.live.count == 3 }, limit: .seconds(60)) != nil)
    }

    @Test func theStoryOfAClusterReadsAsExpected() {
        let mesh = started(["a", "b"])
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(2))
        mesh.kill("b")
        #expect(mesh.run(until: { $0.inForce?.participants == ["a"] }) != nil)
        #expect(
            mesh.transcript == [
                "a leads 1@a",
                "a proposed 1.1@a: leadership 1@a began; no plan is in force: no plan in force can run",
                "a prepared 1.1@a: all 2 boards are ready",
                "a committed 1.1@a: leadership 1@a began; no plan is in force: no plan in force can run",
                "a lost 1.1@a: board b: it is gone",
                "a proposed 1.2@a: board b was lost: it is gone: no plan in force can run",
                "a prepared 1.2@a: all 1 boards are ready",
                "a committed 1.2@a: board b was lost: it is gone: no plan in force can run",
            ])
    }
}
