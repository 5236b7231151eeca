import Sharing
import SharingPlans
import Testing

@Suite struct SharingMemoryTests {
    @Test func `the largest model that fits falls with the memory of four boards`() throws {
        let names = ["squeezenet1_1", "alexnet", "vgg11"]
        let models = try names.map { try SharingFixtureTests.load($0) }
        #expect(zip(models, models.dropFirst()).allSatisfy { $0.graph.weightBytes < $1.graph.weightBytes })
        var largest: [String?] = []
        for megabytes in [160, 80, 8, 1] {
            let cluster = try UnifiedTests.cluster(
                4, megabitPerS: 1000, isEqual: true, memoryBytes: megabytes * 1_000_000)
            let options = GeneFlowLPTests.options
            let fitting = try zip(names, models).filter {
                try Unified.plan($0.1, cluster, options).plan.evaluation.fits
            }
            largest.append(fitting.last?.0)
        }
        #expect(largest == ["vgg11", "alexnet", "squeezenet1_1", nil])
    }

    @Test func `at the smallest memory only planners that look for memory find a plan`() throws {
        let shared = try SharingFixtureTests.load("alexnet")
        // 244 MB of weights on boards of 60, 40 and 150 MB, and on a little less than all weights.
        let least = try cluster(scale: 1)
        for system in SharingSystem.allCases {
            let looksForMemory = [.geneFlow, .geneFlowLP, .unified].contains(system)
            let plan = try system.plan(shared, on: least, GeneFlowLPTests.options)
            #expect(plan.evaluation.fits == looksForMemory, "\(system.rawValue)")
        }
        let tooSmall = try cluster(scale: 0.97)
        for system in SharingSystem.allCases {
            let plan = try system.plan(shared, on: tooSmall, GeneFlowLPTests.options)
            #expect(plan.evaluation.excessBytes > 0, "\(system.rawValue)")
        }
    }

    private func cluster(scale: Double) throws -> SharingCluster {
        try SharingCluster(
            devices: [60e6, 40e6, 150e6].enumerated().map {
                .init(
                    name: "d\($0.offset)", flops: [10e9, 20e9, 5e9][$0.offset], memoryBytes: Int($0.element * scale))
            }, bandwidthBytesPerS: [[Double]](repeating: [12.5e6, 12.5e6, 12.5e6], count: 3))
    }
}
