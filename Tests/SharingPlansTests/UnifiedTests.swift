import Costs
import ModelGraph
import Sharing
import SharingPlans
import Synchronization
import Testing

@Suite struct UnifiedTests {
    /// Clusters of the figures: 2 to 8 devices, 10 Mbit/s to 2 Gbit/s, equal and unequal speeds.
    static func cluster(
        _ devices: Int, megabitPerS: Double, isEqual: Bool, memoryBytes: Int? = nil
    ) throws -> SharingCluster {
        try SharingCluster(
            flops: (0..<devices).map { isEqual ? 10e9 : [10e9, 20e9, 5e9, 2e9][$0 % 4] },
            bandwidthBytesPerS: megabitPerS * 1e6 / 8, latencyS: 0.0002, memoryBytes: memoryBytes)
    }

    @Test(arguments: [2, 4, 6])
    func `never worse than any other plan, never better than the bound`(devices: Int) throws {
        let shared = try SharingFixtureTests.load("squeezenet1_1")
        for megabitPerS in [10.0, 100, 1000] {
            for isEqual in [true, false] {
                let cluster = try Self.cluster(devices, megabitPerS: megabitPerS, isEqual: isEqual)
                let outcome = try Unified.plan(shared, cluster)
                let latencyS = outcome.plan.evaluation.latencyS
                for other in outcome.candidates {
                    #expect(latencyS <= other.evaluation.latencyS, "\(other.system.rawValue)")
                }
                #expect(Set(outcome.candidates.map(\.system)) == Set(SharingSystem.allCases))
                #expect(latencyS >= outcome.boundS)
                #expect(outcome.gap.map { $0 >= 0 } == true)
                try SharedProgram(outcome.plan.assignment, shared).verify(shared)
            }
        }
    }

    @Test func `one device is a cluster`() throws {
        let shared = try MadeUpChains.residual()
        let outcome = try Unified.plan(shared, try SharingCluster(flops: [1e9], bandwidthBytesPerS: 1))
        #expect(outcome.gap.map { abs($0) < 1e-9 } == true)
    }

    @Test func `where the network is too slow one device does all`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1e9, 1e9, 1e9], bandwidthBytesPerS: 1e3)
        let plan = try SharingSystem.unified.plan(shared, on: cluster)
        #expect(plan.assignment.layouts.allSatisfy { $0.activeDevices == [0] })
    }

    @Test(arguments: [2, 3])
    func `branches run side by side on different boards`(devices: Int) throws {
        // Three layers of 5 x 5 on a small image in each branch: halos would be most of it, channels need all of it.
        let pads: [String: AttributeValue] = ["pads": .integers([2, 2, 2, 2])]
        var nodes: [NodeDescription] = []
        var weights: [(String, [Int])] = []
        for branch in 0..<devices {
            var tensor = "x"
            for layer in 0..<3 {
                let name = "branch \(branch) layer \(layer)"
                weights.append(("weight of \(name)", [16, 16, 5, 5]))
                nodes.append(MadeUpChains.node("Conv", [tensor, "weight of \(name)"], name, pads))
                tensor = name
            }
        }
        let ends = (0..<devices).map { "branch \($0) layer 2" }
        nodes.append(MadeUpChains.node("Concat", ends, "y", ["axis": .integer(1)]))
        let shared = try MadeUpChains.graph(input: [1, 16, 6, 6], weights: weights, output: "y", nodes)
        // A layer takes 0.46 s, its tensor 0.23 s to another board.
        let cluster = try SharingCluster(flops: devices == 2 ? [1e6, 1e6] : [1e6, 1e6, 1e6], bandwidthBytesPerS: 1e4)
        let plan = try SharingSystem.unified.plan(shared, on: cluster)
        let inTurn = (0..<3 * devices + 1).map { position in
            SharedLayout.single(
                position < 3 * devices ? position / 3 : 0, of: devices, shape: shared.shape(of: position))
        }
        let sideBySide = try SharingPlan(.unified, inTurn, shared, cluster)
        let alone = try SharingSystem.local.plan(shared, on: cluster)
        #expect(sideBySide.evaluation.latencyS < 0.7 * alone.evaluation.latencyS)
        #expect(plan.evaluation.latencyS <= sideBySide.evaluation.latencyS)
        // Three boards have better things to do: each has a part of most layers.
        if devices == 2 {
            let middle = (0..<devices).map { plan.assignment.layouts[3 * $0 + 1].activeDevices }
            #expect(middle == [[0], [1]])
        }
    }

    @Test func `a plan that fits comes before a faster one that does not`() throws {
        let shared = try SharingFixtureTests.load("alexnet")
        // Less than half of the weights for each of four devices.
        let cluster = try Self.cluster(4, megabitPerS: 100, isEqual: true, memoryBytes: 90_000_000)
        let plan = try SharingSystem.unified.plan(shared, on: cluster)
        #expect(plan.evaluation.fits)
        #expect(try !SharingSystem.local.plan(shared, on: cluster).evaluation.fits)
    }

    @Test func `tight memories of unequal devices are kept within`() throws {
        let shared = try SharingFixtureTests.load("alexnet")
        let cluster = try SharingCluster(
            devices: [60, 40, 150].enumerated().map {
                .init(name: "d\($0.offset)", flops: [10e9, 20e9, 5e9][$0.offset], memoryBytes: $0.element * 1_000_000)
            }, bandwidthBytesPerS: [[Double]](repeating: [12.5e6, 12.5e6, 12.5e6], count: 3))
        let outcome = try Unified.plan(shared, cluster)
        #expect(outcome.plan.evaluation.fits)
        // A planner that looks for memory first finds nothing faster.
        let other = try GeneFlow.search(shared, cluster, .init(populationSize: 400, seed: 2)).plan
        #expect(outcome.plan.evaluation.latencyS <= other.evaluation.latencyS)
    }

    @Test func `when the time is up at once there is a plan all the same, with its gap`() throws {
        let shared = try SharingFixtureTests.load("googlenet")
        let cluster = try Self.cluster(4, megabitPerS: 1000, isEqual: true)
        let outcome = try Unified.plan(shared, cluster, SharingOptions(isTimeUp: { true }))
        #expect(outcome.candidates.map(\.system) == [.local, .unified])
        #expect(outcome.gap.map { $0 > 0 } == true)
    }

    @Test(arguments: [0, 0.02, 0.1])
    func `a small budget still gives a plan that fits, with its gap`(timeS: Double) throws {
        let shared = try SharingFixtureTests.load("squeezenet1_1")
        // Less than half of the weights for each of four devices.
        let cluster = try Self.cluster(4, megabitPerS: 100, isEqual: false, memoryBytes: 8_000_000)
        let local = try SharingSystem.local.plan(shared, on: cluster).evaluation
        // A clock that goes on by a millisecond whenever it is read.
        let readings = Readings()
        let budget = SharingBudget(timeS: timeS, memoryBytes: 64_000_000) { .milliseconds(readings.next()) }
        let outcome = try Unified.plan(shared, cluster, SharingOptions(budget: budget))
        #expect(local.fits || outcome.plan.evaluation.fits || timeS == 0)
        #expect(outcome.boundS > 0)
        #expect(outcome.gap != nil || !outcome.plan.evaluation.fits)
        #expect(Double(readings.next()) <= timeS * 1e3 + 40)
    }

    @Test func `tables beyond the memory budget end the search with a plan`() throws {
        let shared = try SharingFixtureTests.load("squeezenet1_1")
        let cluster = try Self.cluster(4, megabitPerS: 100, isEqual: false)
        let small = SharingOptions(budget: SharingBudget(memoryBytes: 1) { .zero })
        let outcome = try Unified.plan(shared, cluster, small)
        let large = try Unified.plan(shared, cluster)
        #expect(outcome.plan.evaluation.latencyS >= large.plan.evaluation.latencyS)
        #expect(outcome.gap.map { $0 > 0 } == true)
    }

    @Test func `a seed is never lost`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e6)
        let seed = try GeneFlow.search(shared, cluster, .init(populationSize: 100)).plan
        let outcome = try Unified.plan(shared, cluster, seeds: [seed])
        #expect(outcome.plan.evaluation.latencyS <= seed.evaluation.latencyS)
        #expect(outcome.candidates.contains { $0.system == .geneFlow })
    }
}

/// Counts how often it was asked.
private final class Readings: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
