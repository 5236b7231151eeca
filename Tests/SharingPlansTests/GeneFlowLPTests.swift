import Costs
import Planning
import Sharing
import SharingPlans
import Solver
import Testing

@Suite struct GeneFlowLPTests {
    static let options = SharingOptions(solver: HighsShareSolver())

    @Test func `a solver's shares are never worse than shares by speed`() throws {
        var generator = SeededGenerator(seed: 51)
        for round in 0..<30 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 1...8, using: &generator), &generator)
            let cluster = try MadeUpChains.cluster(Int.random(in: 1...4, using: &generator), &generator)
            let solved = try SharingSystem.geneFlowLP.plan(shared, on: cluster, Self.options)
            let guessed = try SharingSystem.geneFlowLP.plan(shared, on: cluster)
            #expect(solved.evaluation.latencyS <= guessed.evaluation.latencyS * (1 + 1e-9), "chain \(round)")
            try SharedProgram(solved.assignment, shared).verify(shared)
        }
    }

    @Test func `it beats the genetic algorithm`() throws {
        let shared = try SharingFixtureTests.load("vgg13")
        let cluster = try UnifiedTests.cluster(4, megabitPerS: 1000, isEqual: false)
        let solved = try SharingSystem.geneFlowLP.plan(shared, on: cluster, Self.options).evaluation
        let genetic = try GeneFlow.search(shared, cluster, .init(populationSize: 200)).plan.evaluation
        #expect(solved.latencyS < genetic.latencyS)
    }

    @Test func `unequal memories are kept within`() throws {
        let shared = try SharingFixtureTests.load("alexnet")
        let cluster = try SharingCluster(
            devices: [60, 40, 150].enumerated().map {
                .init(name: "d\($0.offset)", flops: [10e9, 20e9, 5e9][$0.offset], memoryBytes: $0.element * 1_000_000)
            }, bandwidthBytesPerS: [[Double]](repeating: [12.5e6, 12.5e6, 12.5e6], count: 3))
        #expect(try SharingSystem.geneFlowLP.plan(shared, on: cluster, Self.options).evaluation.fits)
    }
}
