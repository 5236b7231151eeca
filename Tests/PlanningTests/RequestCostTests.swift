import Costs
import Planning
import TestKit
import Testing

/// What a request takes on the source's board beside its layers.
@Suite struct RequestCostTests {
    @Test func `it adds to the latency of every plan, and keeps the board busy that takes the request over`() throws {
        var problem = HandMadeProblem.make()
        let before = try ExactPlanner().plan(problem)
        problem.requestS = 0.25
        var plan = try ExactPlanner().plan(problem)
        #expect(plan.layers == before.layers)
        #expect(abs(plan.latencyS - before.latencyS - 0.25) < 1e-12)
        #expect(Verifier.violations(of: plan, in: problem).isEmpty)
        let source = try #require(plan.devices.first { $0.id == problem.source })
        let known = try #require(before.devices.first { $0.id == problem.source }?.busyS)
        let isTakenThere = plan.layers[1].device == problem.source
        #expect(abs((source.busyS ?? 0) - known - (isTakenThere ? 0.25 : 0)) < 1e-12)
        // Those who compare with what they computed leave it out.
        plan.requestS = problem.requestS
        #expect(abs((plan.computingS(of: source) ?? 0) - known) < 1e-12)
        for other in plan.devices where other.id != problem.source {
            #expect(plan.computingS(of: other) == other.busyS)
        }
    }

    @Test func `a plan is at the source alone where no other device computes or gets the result`() throws {
        var problem = HandMadeProblem.make()
        let shared = try ExactPlanner().plan(problem)
        #expect(shared.isAtSourceAlone == (Set(shared.layers.map(\.device)) == [problem.source]))
        problem.devices[1].memoryBytes = 0
        let alone = try ExactPlanner().plan(problem)
        #expect(alone.isAtSourceAlone)
        var elsewhere = alone
        elsewhere.layers[elsewhere.layers.count - 1].device = problem.devices[1].id
        #expect(!elsewhere.isAtSourceAlone)
    }

    @Test(arguments: [-1.0, .infinity, .nan]) func `a time that is none is refused`(value: Double) {
        var problem = HandMadeProblem.make()
        problem.requestS = value
        #expect(throws: ProblemError.self) { try problem.validate() }
    }
}
