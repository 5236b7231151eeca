import Costs
import Dispatch
import Foundation
import Sharing
import SharingPlans
import Testing

@Suite struct GeneFlowTests {
    static let twoCores = CoreLoop(coreCount: 2) { count, body in
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }

    @Test func `the same seed gives the same plan on any number of cores`() throws {
        let shared = try SharingFixtureTests.load("squeezenet1_1")
        let cluster = try UnifiedTests.cluster(4, megabitPerS: 1000, isEqual: true)
        let settings = GeneFlow.Settings(populationSize: 40, generationsMost: 8, seed: 3)
        let one = try GeneFlow.search(shared, cluster, settings)
        let two = try GeneFlow.search(shared, cluster, settings, cores: Self.twoCores)
        #expect(one.plan.assignment == two.plan.assignment)
        #expect(one.progress == two.progress)
        #expect(one.progress.pricedCount == 40 * 9)
        var other = settings
        other.seed = 4
        #expect(try GeneFlow.search(shared, cluster, other).plan.assignment != one.plan.assignment)
        try SharedProgram(one.plan.assignment, shared).verify(shared)
    }

    @Test func `the best is never lost, and its fitness is what the evaluator says`() throws {
        var generator = SeededGenerator(seed: 41)
        for fitness in GeneFlow.Fitness.allCases {
            let shared = try MadeUpChains.random(layers: 6, &generator)
            let cluster = try MadeUpChains.cluster(3, &generator)
            var seen: [GeneFlow.Progress] = []
            let outcome = try GeneFlow.search(
                shared, cluster, .init(populationSize: 60, fitness: fitness)
            ) {
                seen.append($0)
                return true
            }
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $1.bestLatencyS <= $0.bestLatencyS })
            #expect(outcome.progress == seen.last)
            let evaluation = outcome.plan.evaluation
            let wanted = fitness == .sound ? evaluation.latencyS : evaluation.publishedLatencyS
            #expect(abs(outcome.progress.bestLatencyS - wanted) <= 1e-9 * wanted)
        }
    }

    @Test func `it finds the best cuts where all can be tried`() throws {
        // One convolution over 23 rows on two devices: 24 cuts.
        let shared = try MadeUpChains.graph(
            input: [1, 1, 23, 9], weights: [("w", [4, 1, 3, 3])], output: "y",
            [MadeUpChains.node("Conv", ["x", "w"], "y", ["pads": .integers([1, 1, 1, 1])])])
        let cluster = try SharingCluster(flops: [1e6, 3e6], bandwidthBytesPerS: 1e6)
        let least = try (0...23).map { cut in
            try SharingEvaluation(
                SharedAssignment(
                    deviceCount: 2, source: 0, destination: 0,
                    layouts: [shared.share(0, .height, cuts: [cut])]), shared, on: cluster
            ).latencyS
        }.min()
        let found = try GeneFlow.search(shared, cluster, .init(populationSize: 10)).plan.evaluation
        #expect(found.latencyS == least)
    }

    @Test func `a plan that fits comes before a faster one`() throws {
        let shared = try SharingFixtureTests.load("alexnet")
        let cluster = try SharingCluster(
            devices: [60, 40, 150].enumerated().map {
                .init(name: "d\($0.offset)", flops: [10e9, 20e9, 5e9][$0.offset], memoryBytes: $0.element * 1_000_000)
            }, bandwidthBytesPerS: [[Double]](repeating: [12.5e6, 12.5e6, 12.5e6], count: 3))
        let outcome = try GeneFlow.search(shared, cluster, .usual(shared))
        #expect(outcome.plan.evaluation.fits)
        #expect(outcome.progress.bestExcessBytes == 0)
    }

    @Test func `a caller can end it, and has the best so far`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e6)
        let outcome = try GeneFlow.search(shared, cluster, .init(populationSize: 4)) { $0.generation < 2 }
        #expect(outcome.progress.generation == 2)
        #expect(throws: SharingError.self) { try GeneFlow.search(shared, cluster, .init(populationSize: 1)) }
    }

    static let published = ProcessInfo.processInfo.environment["LAMELLA_GENEFLOW_PUBLISHED"]

    @Test(
        .enabled(
            if: published != nil,
            "takes minutes to hours; LAMELLA_GENEFLOW_PUBLISHED=vgg13,resnet50,googlenet runs it for those models"))
    func `the published size of the search is beaten`() throws {
        for name in (Self.published ?? "").split(separator: ",").map(String.init) {
            let shared = try SharingFixtureTests.load(name)
            // Four devices of 5000 MB, 2000 Mbit/s.
            let cluster = try UnifiedTests.cluster(4, megabitPerS: 2000, isEqual: true, memoryBytes: 5_000_000_000)
            let clock = ContinuousClock()
            var start = clock.now
            let own = try Unified.plan(shared, cluster, GeneFlowLPTests.options).plan.evaluation
            let ownTime = clock.now - start
            start = clock.now
            let genetic = try GeneFlow.search(shared, cluster, .published, cores: Self.twoCores) {
                print("generation", $0.generation, "best ms", $0.bestLatencyS * 1e3, "after", clock.now - start)
                return true
            }.plan.evaluation
            print(
                "PUBLISHED", name, "unified ms", own.latencyS * 1e3, "published terms", own.publishedLatencyS * 1e3,
                "in", ownTime, "geneflow ms", genetic.latencyS * 1e3, "published terms",
                genetic.publishedLatencyS * 1e3, "in", clock.now - start)
            #expect(own.latencyS <= genetic.latencyS)
        }
    }
}
