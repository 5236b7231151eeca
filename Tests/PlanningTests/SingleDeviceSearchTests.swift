import Costs
import Planning
import TestKit
import Testing

/// What one device would do by itself, which every plan says beside its own figures.
@Suite struct SingleDeviceSearchTests {
    @Test(arguments: 0..<120)
    func `searching for clocks finds what trying them all finds`(seed: Int) throws {
        var random = RandomServiceProblem(layers: 3 + seed % 4, devices: 2 + seed % 2)
        random.objective = Objective.allCases[seed % 4]
        random.service = random.objective == .throughput ? .continuous : .oneAtATime
        random.limit = RandomServiceProblem.Limit.allCases[seed % 4]
        random.bundles = RandomServiceProblem.Bundles.allCases[seed % 3]
        random.points = 3
        let problem = try random.make(seed: UInt64(seed))
        let table = try CostTable(problem)
        let tried = try SingleDeviceSearch.best(problem, table: table, triedMost: .max)
        let searched = try SingleDeviceSearch.best(problem, table: table, triedMost: 0)
        #expect((tried == nil) == (searched == nil))
        if let tried, let searched { #expect(abs(tried.value - searched.value) <= 1e-9 * tried.value) }
    }

    @Test func `pins on many boards of many clocks do not make a plan wait`() throws {
        // 10^6 ways to set the clocks.
        var random = RandomServiceProblem(layers: 18, devices: 6)
        random.points = 10
        random.bundles = .all
        random.maximumBundleSize = 3
        var problem = try random.make(seed: 5)
        for index in problem.devices.indices {
            let fastest = problem.devices[index].flops
            problem.devices[index].memoryBytes = 1 << 40
            problem.devices[index].operatingPoints = (1...10).map {
                OperatingPoint(frequencyHz: 1e8 * Double($0), flops: fastest * Double($0) / 10, computePowerW: 3)
            }
        }
        let ids = problem.devices.map(\.id)
        problem.links = ids.indices.flatMap { first in
            ids.indices.dropFirst(first + 1).map {
                Link(between: ids[first], ids[$0], bandwidthBytesPerS: 1e8, latencyS: 0.001)
            }
        }
        problem.constraints = Constraints()
        problem.bundles = []
        problem.objective = .energy
        for layer in 1...18 where !problem.pins.contains(where: { $0.layer == layer }) {
            problem.pins.append(Pin(layer: layer, device: problem.devices[layer % 6].id))
        }
        let plan = try ExactPlanner().plan(problem)
        let alone = try #require(plan.singleDevice)
        #expect(abs(alone.value - (plan.value ?? 0)) <= 1e-9 * alone.value)
        #expect(Verifier.violations(of: plan, in: problem).isEmpty)
    }
}
