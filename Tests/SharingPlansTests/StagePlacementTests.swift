import Sharing
import SharingPlans
import Testing

@Suite struct StagePlacementTests {
    @Test(arguments: ["efficientnet_b0", "resnet50"])
    func `over a slow network layers that do not fit on one device go to one after the other`(model: String) throws {
        let shared = try SharingFixtureTests.load(model)
        let ample = try UnifiedTests.cluster(4, megabitPerS: 10, isEqual: true)
        let local = try SharingSystem.local.plan(shared, on: ample).evaluation
        let memory = local.weightBytes[0] * 12 / 40 + local.peakBytes[0] - local.weightBytes[0]
        let cluster = try UnifiedTests.cluster(4, megabitPerS: 10, isEqual: true, memoryBytes: memory)
        let budget = SharingBudget(timeS: 0) { .zero }
        let plan = try Unified.plan(shared, cluster, SharingOptions(budget: budget)).plan
        #expect(!plan.evaluation.fits, "no time, no plan")
        let outcome = try Unified.plan(shared, cluster)
        #expect(outcome.plan.evaluation.fits)
        // Whole layers move one tensor from device to device; shares of channels everywhere took 13 times as long.
        #expect(outcome.plan.evaluation.latencyS < 6 * local.latencyS)
    }

    @Test func `weights that two layers read are held once`() throws {
        let shared = try SharingFixtureTests.load("gpt2")
        // Each device holds the common weights, the results and a fifth of the rest.
        let cluster = try UnifiedTests.cluster(4, megabitPerS: 1000, isEqual: true, memoryBytes: 190_000_000)
        #expect(MemoryBound.excessBytes(shared, cluster) == 0)
        #expect(try SharingSystem.unified.plan(shared, on: cluster).evaluation.fits)
    }
}
