import Costs
import Sharing
import SharingPlans
import Solver
import Testing

@Suite struct SharingBoundTests {
    @Test func `latencies count where devices must meet`() throws {
        // A linear layer behind another: each element of the second needs all of the first.
        let shared = try MadeUpChains.graph(
            input: [1, 64], weights: [("a", [64, 64]), ("b", [64, 64]), ("c", [64, 64])], output: "y",
            [
                MadeUpChains.node("Gemm", ["x", "a"], "u"), MadeUpChains.node("Gemm", ["u", "b"], "v"),
                MadeUpChains.node("Gemm", ["v", "c"], "y"),
            ])
        let flop = shared.graph.operators[0].flop
        let free = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e12)
        #expect(abs(SharingBound.latencyS(shared, free) - 3 * flop / 2e6) < 1e-12)
        // With a latency of an eighth of a layer's work: out, between, between and back.
        let eighth = flop / 1e6 / 8
        let slow = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e12, latencyS: eighth)
        let bound = SharingBound.latencyS(shared, slow)
        #expect(bound > SharingBound.latencyS(shared, free) + eighth)
        #expect(try SharingSystem.unified.plan(shared, on: slow).evaluation.latencyS >= bound)
        // With a latency beyond all work one device does it, and the bound is that.
        let far = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e12, latencyS: 1)
        #expect(abs(SharingBound.latencyS(shared, far) - 3 * flop / 1e6) < 1e-12)
    }

    @Test func `no plan undercuts the bound`() throws {
        var generator = SeededGenerator(seed: 61)
        for round in 0..<40 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 1...8, using: &generator), &generator)
            let devices = Int.random(in: 1...4, using: &generator)
            let cluster = try SharingCluster(
                flops: (0..<devices).map { _ in generator.logarithmic(in: 1e6...1e8) }, bandwidthBytesPerS: 1e8,
                latencyS: generator.logarithmic(in: 1e-6...1e-3))
            let bound = SharingBound.latencyS(shared, cluster)
            for plan in try Unified.plan(shared, cluster).candidates {
                #expect(plan.evaluation.latencyS >= bound * (1 - 1e-9), "\(round) \(plan.system.rawValue)")
            }
        }
    }

    /// Whoever computes less than it could must have received little: with a slow link the program says what the plain
    /// bound does not.
    @Test func `what must move counts`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1e8, 1e8], bandwidthBytesPerS: 1e5)
        let plain = SharingBound.latencyS(shared, cluster)
        let bound = SharingBound.latencyS(shared, cluster, HighsShareSolver())
        #expect(bound > 1.5 * plain)
        #expect(try SharingSystem.unified.plan(shared, on: cluster).evaluation.latencyS >= bound)
    }

    @Test func `no plan that fits undercuts the bound of what must move and be held`() throws {
        var generator = SeededGenerator(seed: 71)
        var isTighter = 0
        for round in 0..<60 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 1...7, using: &generator), &generator)
            let devices = Int.random(in: 1...4, using: &generator)
            let cluster = try SharingCluster(
                flops: (0..<devices).map { _ in generator.logarithmic(in: 1e6...1e8) },
                bandwidthBytesPerS: generator.logarithmic(in: 1e4...1e8),
                latencyS: generator.logarithmic(in: 1e-6...1e-3),
                memoryBytes: generator.chance(0.5) ? Int(generator.logarithmic(in: 2e3...1e6)) : nil)
            let plain = SharingBound.latencyS(shared, cluster)
            let bound = SharingBound.latencyS(shared, cluster, HighsShareSolver())
            #expect(bound >= plain)
            if bound > plain * 1.01 { isTighter += 1 }
            let seeds = try [1, 2, 3].map {
                try GeneFlow.search(shared, cluster, .init(populationSize: 60, seed: $0)).plan
            }
            for plan in try Unified.plan(shared, cluster).candidates + seeds where plan.evaluation.fits {
                #expect(plan.evaluation.latencyS >= bound * (1 - 1e-9), "\(round) \(plan.system.rawValue)")
            }
        }
        #expect(isTighter > 10)
    }
}
