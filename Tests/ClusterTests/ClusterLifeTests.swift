import Cluster
import Costs
import Testing

@Suite struct ClusterLifeTests {
    private func mesh() -> Mesh {
        let mesh = Mesh([capabilities("a"), capabilities("b"), capabilities("c")])
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(3))
        return mesh
    }

    @Test func aBrokerOutageOfAMinuteCostsNobodyAndNoPlan() {
        let mesh = mesh()
        let plan = mesh.inForce
        for index in mesh.boards.indices {
            mesh.boards[index].connected = false
            mesh.tell(mesh.boards[index].member.node, .brokerDisconnected)
        }
        mesh.run(for: .seconds(60))
        for index in mesh.boards.indices {
            mesh.connect(index)
            mesh.run(for: .milliseconds(300))
        }
        mesh.run(for: .seconds(5))
        #expect(mesh.view("c")?.live == ["a", "b", "c"])
        #expect(mesh.inForce == plan && plan != nil)
        #expect(!mesh.events.contains { $0.event == .lost })
    }

    @Test func afterAnEmptiedBrokerEverythingIsPublishedAgain() throws {
        let mesh = mesh()
        let index = try #require(mesh.index("a"))
        mesh.tell("a", .brokerDisconnected)
        mesh.boards[index].effects = []
        mesh.connect(index)
        let effects = mesh.boards[index].effects
        #expect(effects.contains(.publishState(.online)))
        #expect(effects.contains { if case .publishCapabilities = $0 { true } else { false } })
        #expect(effects.contains { if case .publishLeader(let record) = $0 { record.node == "a" } else { false } })
        #expect(effects.contains { if case .publishPlan = $0 { true } else { false } })
        #expect(effects.contains { if case .publishModel = $0 { true } else { false } })
    }

    @Test func aBrokerThatCameBackWithOldMessagesIsPutRight() throws {
        let mesh = mesh()
        let index = try #require(mesh.index("a"))
        mesh.boards[index].effects = []
        mesh.tell("a", .leaderHeard(LeaderRecord(node: "b", term: 0, generation: 1)))
        #expect(mesh.boards[index].effects.contains { if case .publishLeader = $0 { true } else { false } })
        mesh.boards[index].effects = []
        mesh.tell("a", .leaderHeard(LeaderRecord(node: "b", term: 0, generation: 1)))
        #expect(!mesh.boards[index].effects.contains { if case .publishLeader = $0 { true } else { false } })
    }

    @Test func ourOwnOldLastWillIsPutRight() throws {
        let mesh = mesh()
        let index = try #require(mesh.index("b"))
        mesh.boards[index].effects = []
        mesh.tell("b", .nodeState("b", .offline))
        #expect(mesh.boards[index].effects.contains(.publishState(.online)))
    }

    @Test func aDegradedBoardIsNotDead() {
        let mesh = mesh()
        mesh.tell("c", .stateChanged(.degraded))
        mesh.run(for: .seconds(10))
        #expect(mesh.view("a")?.live == ["a", "b", "c"])
    }

    @Test func aLastWillOfABoardThatStillAnswersIsRefuted() {
        let mesh = mesh()
        mesh.tell("a", .nodeState("c", .offline))
        mesh.run(for: .seconds(5))
        #expect(mesh.view("a")?.live == ["a", "b", "c"])
        #expect(!mesh.events.contains { $0.event == .lost })
    }

    @Test func aBoardThatStopsInGoodOrderIsLeftOutAtOnce() {
        let mesh = mesh()
        mesh.tell("c", .stop)
        #expect(mesh.run(until: { $0.view("a")?.live == ["a", "b"] }, limit: .milliseconds(50)) != nil)
        mesh.kill("c")
        #expect(mesh.run(until: { $0.inForce?.participants == ["a", "b"] }, limit: .seconds(2)) != nil)
    }

    @Test func capabilitiesAndModelsReachANodeThatMissedTheBrokersMessages() {
        let mesh = mesh()
        mesh.kill("c")
        mesh.run(for: .seconds(3))
        mesh.tell("a", .capabilitiesChanged(capabilities("a", flops: 7e9)))
        mesh.tell("a", .modelAdded(model("n")))
        mesh.run(for: .seconds(1))
        // No retained messages: whatever c learns, it learns by gossip.
        mesh.restart("c", capabilities("c"))
        #expect(
            mesh.run(
                until: { mesh in
                    let view = mesh.view("c")
                    return view?.models.map(\.name) == ["m", "n"]
                        && view?.members.first?.capabilities?.devices.first?.flops == 7e9
                }, limit: .seconds(2)) != nil)
    }

    @Test func modelsSurviveOnDisk() throws {
        let mesh = mesh()
        let index = try #require(mesh.index("b"))
        #expect(mesh.boards[index].disk.models.map(\.name) == ["m"])
    }

    @Test func capabilityVersionsGrowOverRestarts() throws {
        let mesh = mesh()
        let before = try #require(mesh.view("b")?.members.first { $0.node == "b" }?.capabilities?.version)
        mesh.kill("b")
        mesh.restart("b", capabilities("b"))
        let after = try #require(mesh.view("b")?.members.first { $0.node == "b" }?.capabilities?.version)
        #expect(after > before)
    }
}
