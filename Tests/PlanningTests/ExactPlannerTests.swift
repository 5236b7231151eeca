import Costs
import Planning
import TestKit
import Testing

@Suite struct ExactPlannerTests {
    @Test func `memory moves a layer away from the fastest device, and the bound says that it had to`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        let free = try ExactPlanner().plan(problem)
        #expect(free.layers.map(\.device) == ["A", "B", "B", "A"])
        // B holds layer two with its activations, and not layer one as well.
        problem.devices[1].memoryBytes = 12_000
        let bound = try ExactPlanner().plan(problem)
        #expect(bound.layers.map(\.device) == ["A", "A", "B", "A"])
        #expect(bound.latencyS > free.latencyS)
        #expect(bound.gap == 0)
        #expect(bound.singleDevice?.device == "A")
    }

    @Test func `the activation peak counts once for a device, the largest of its layers`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        // Weights 4000 and 8000, the larger peak 3000, and the runtime's 50.
        problem.devices[1].memoryBytes = 15_050
        #expect(try ExactPlanner().plan(problem).layers.map(\.device) == ["A", "B", "B", "A"])
        problem.devices[1].memoryBytes = 15_049
        #expect(try ExactPlanner().plan(problem).layers.map(\.device) == ["A", "A", "B", "A"])
    }

    @Test func `the same problem gives the same plan`() throws {
        let problem = RandomProblem(layers: 35, devices: 6, memory: .tight).make(seed: 2)
        #expect(try ExactPlanner().plan(problem) == ExactPlanner().plan(problem))
    }

    @Test func `the clock that is passed in tells the time that the plan states`() throws {
        let problem = HandMadeProblem.make()
        final class Clock { var now = Duration.zero }
        let clock = Clock()
        let plan = try ExactPlanner().plan(problem) {
            clock.now += .milliseconds(1500)
            return clock.now
        }
        #expect(plan.solveS == 1.5)
    }

    @Test func `the plan hands on where its figures come from`() throws {
        #expect(try ExactPlanner().plan(HandMadeProblem.make()).inputs == HandMadeProblem.make().inputs)
    }

    @Test(arguments: 0..<12)
    func `equal devices with memories packed to the brim are planned and proved`(seed: Int) throws {
        var problem = RandomProblem(layers: 24, devices: 6, memory: .packed, withConstraints: false)
            .make(seed: UInt64(seed))
        let largest = problem.devices.map(\.memoryBytes).max() ?? 0
        for index in problem.devices.indices {
            problem.devices[index].flops = 1e10
            problem.devices[index].memoryBandwidthBytesPerS = 1e10
            problem.devices[index].memoryBytes = largest
        }
        for index in problem.links.indices {
            problem.links[index].bandwidthBytesPerS = 1e8
            problem.links[index].latencyS = 1e-4
        }
        switch ExactPlanner().outcome(problem) {
        case .success(let plan):
            #expect(plan.gap == 0)
            #expect(Verifier.violations(of: plan, in: problem) == [])
        case .failure(let error):
            guard case .infeasible = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
