import Costs
import Sharing
import SharingPlans
import Testing

@Suite struct MemoryBoundTests {
    @Test func `no plan exceeds the memories by less`() throws {
        var generator = SeededGenerator(seed: 67)
        for round in 0..<20 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 2...7, using: &generator), &generator)
            let devices = Int.random(in: 1...3, using: &generator)
            let all = try SharingSystem.local.plan(
                shared, on: try SharingCluster(flops: [1], bandwidthBytesPerS: 1)
            ).evaluation.peakBytes[0]
            let cluster = try SharingCluster(
                flops: (0..<devices).map { _ in 1e7 }, bandwidthBytesPerS: 1e7,
                memoryBytes: max(1, Int(Double(all) * generator.logarithmic(in: 0.05...0.8))))
            let outcome = try Unified.plan(shared, cluster)
            for plan in outcome.candidates {
                #expect(plan.evaluation.excessBytes >= outcome.leastExcessBytes, "\(round) \(plan.system.rawValue)")
            }
        }
    }

    @Test func `a last layer whose weights every part needs cannot be held by few small devices`() throws {
        // Its weights are computed from others: each part needs all. 154 MB of them and 26 MB of results exceed one
        // device, on two they are held twice, and all that is beside has no room then.
        let shared = try SharingFixtureTests.load("gpt2")
        let cluster = try UnifiedTests.cluster(4, megabitPerS: 1000, isEqual: true, memoryBytes: 175_472_230)
        #expect(MemoryBound.excessBytes(shared, cluster) > 0)
        let wider = try UnifiedTests.cluster(4, megabitPerS: 1000, isEqual: true, memoryBytes: 176_000_000)
        #expect(MemoryBound.excessBytes(shared, wider) == 0)
    }
}
