import Costs
import Planning
import TestKit
import Testing

@Suite struct InfeasibilityTests {
    private func sentence(_ problem: Problem) throws -> String {
        switch ExactPlanner().outcome(problem) {
        case .failure(.infeasible(let sentence)): return sentence
        case let other:
            Issue.record("\(other)")
            return ""
        }
    }

    @Test func `a layer that no device holds is named, with its bytes and every offer`() throws {
        let said = try sentence(HandMadeProblem.make(memoryOfA: 9000, memoryOfB: 7000))
        #expect(said.contains("layer 2 (two) alone needs 10100 bytes"))
        #expect(said.contains("A 9000"))
        #expect(said.contains("B 7000 of which its runtime takes 50"))
    }

    @Test func `layers that fit alone but not together say how much is needed and offered`() throws {
        var problem = HandMadeProblem.make(memoryOfA: 10_200, memoryOfB: 10_200)
        problem.layers[1].weightBytes = 7000
        problem.layers[2].weightBytes = 7000
        problem.pins = [Pin(layer: 1, device: "A")]
        problem.links = []
        problem.devices[1].runtimeBytes = nil
        let said = try sentence(problem)
        #expect(said.contains("hand-made"))
        #expect(said.contains("10200"))
    }

    @Test func `pinned layers that overfill their device are named`() throws {
        var problem = HandMadeProblem.make(memoryOfB: 12_000)
        problem.pins = [Pin(layer: 1, device: "B"), Pin(layer: 2, device: "B")]
        let said = try sentence(problem)
        #expect(said.contains("pinned to B (one, two) need 15050 bytes there and it offers 12000"))
    }

    @Test func `a missing link is named with the layer and both sides`() throws {
        var problem = HandMadeProblem.make()
        problem.links = []
        problem.pins = [Pin(layer: 2, device: "B")]
        let said = try sentence(problem)
        #expect(said.contains("layer 2 (two) is pinned to B"))
        #expect(said.contains("no link joins"))
        #expect(said.contains("(A)"))
    }

    @Test func `brute force gives the same sentence`() throws {
        let problem = HandMadeProblem.make(memoryOfA: 9000, memoryOfB: 7000)
        let expected = try sentence(problem)
        #expect(throws: PlanningError.infeasible(expected)) { try ExhaustivePlanner().plan(problem) }
    }

    @Test func `brute force names its limit for a problem too large for it`() throws {
        let problem = RandomProblem(layers: 35, devices: 6, memory: .loose).make(seed: 1)
        guard case .failure(.limit(let sentence)) = ExhaustivePlanner().outcome(problem) else {
            Issue.record("not refused")
            return
        }
        #expect(sentence.contains("\(ExhaustivePlanner.maximumAssignments)"))
    }

    @Test func `an invalid problem is refused before planning`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[0].flops = 0
        #expect(throws: PlanningError.self) { try ExactPlanner().plan(problem) }
        #expect(throws: PlanningError.self) { try ExhaustivePlanner().plan(problem) }
    }
}
