import Cluster
import Costs
import Testing

/// Plans in which boards share operators, in the agreement of leader and boards.
@Suite struct SharedPlanTests {
    /// All layers mostly on a, every operator shared by these.
    private func shared(by names: [String]) -> Plan {
        var shared = plan(on: ["a"])
        shared.sharing = Plan.Sharing(
            devices: names.map { DeviceID($0) }, source: 0, destination: 0, layouts: [names.map { _ in [0, 1] }])
        return shared
    }

    @Test func `every board that shares has to be ready, though no layer is mostly its own`() throws {
        let mesh = Mesh(["a", "b", "c"].map { capabilities($0) })
        mesh.solver = { _ in .planned(self.shared(by: ["a", "b", "c"]), incumbentLatencyS: nil, moveS: nil) }
        mesh.runner = { node, record in node == "c" ? nil : .prepared(record.id, memory: []) }
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.events.contains { $0.event == .proposed } }) != nil)
        mesh.run(for: .seconds(2))
        #expect(mesh.inForce == nil)
        let proposed = try #require(mesh.events.first { $0.event == .proposed }?.plan)
        mesh.tell("c", .prepared(proposed, memory: []))
        #expect(mesh.run(until: { $0.inForce?.id == proposed }) != nil)
        #expect(mesh.inForce?.participants == ["a", "b", "c"])
    }

    @Test func `a plan with other shares is another plan`() {
        #expect(shared(by: ["a", "b"]).asksTheSame(as: shared(by: ["a", "b"])))
        #expect(!shared(by: ["a", "b"]).asksTheSame(as: shared(by: ["a", "c"])))
        #expect(!shared(by: ["a", "b"]).asksTheSame(as: plan(on: ["a"])))
        // What is predicted of it is not what it asks.
        var predicted = shared(by: ["a", "b"])
        predicted.sharing?.messages = 3
        predicted.sharing?.messageS = 0.001
        #expect(predicted.asksTheSame(as: shared(by: ["a", "b"])))
    }

    @Test func `a wish to share is a goal of the model`() {
        let request = ReplanRequest(sharing: .auto)
        #expect(request.namesGoal)
        #expect(request.goal(over: PlanGoal()).sharing == .auto)
        #expect(ReplanRequest(objective: .energy).goal(over: PlanGoal(sharing: .on)).sharing == .on)
        #expect(PlanGoal().sharing == nil)
    }
}
