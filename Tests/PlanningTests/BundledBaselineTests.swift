import Costs
import Planning
import TestKit
import Testing

/// Dissertation, chapter 7: where bundles on the edge take longer than the sum of their layers, a planner that adds up
/// single layers is wrong about its own plan, and picks a worse one.
@Suite struct BundledBaselineTests {
    /// Four layers; each alone takes 10 ms on the edge, together 10 ms for each layer squared; the cloud takes 4 ms for
    /// each layer and 20 ms to reach.
    private static func problem() -> Problem {
        var layers = [
            PlannedLayer(
                name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: 20_000, activationPeakBytes: 20_000
            )
        ]
        for index in 1...4 {
            layers.append(
                PlannedLayer(
                    name: "layer\(index)", flop: 1e6, weightBytes: 0, outputBytes: 20_000, activationPeakBytes: 40_000))
        }
        layers.append(
            PlannedLayer(
                name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                activationPeakBytes: 20_004))
        layers[4].outputBytes = 4
        var bundles: [MeasuredBundle] = []
        for first in 1...4 {
            for last in first...4 {
                let count = Double(last - first + 1)
                bundles.append(
                    .init(first: first, last: last, device: "edge", latencyS: 0.010 * count * (1 + 0.2 * (count - 1))))
                bundles.append(.init(first: first, last: last, device: "cloud", latencyS: 0.004 * count))
            }
        }
        return Problem(
            model: "property", layers: layers,
            devices: [
                Device(id: "edge", flops: 1e9, memoryBandwidthBytesPerS: 1e30, memoryBytes: 1_000_000_000),
                Device(
                    id: "cloud", deviceClass: .cloud, flops: 1e12, memoryBandwidthBytesPerS: 1e30,
                    memoryBytes: 1_000_000_000),
            ],
            links: [
                Link(
                    between: "edge", "cloud", bandwidthBytesPerS: 20_000 / 0.025, reverseBandwidthBytesPerS: 1e30)
            ],
            source: "edge", destination: "edge", weights: .resident, bundles: bundles)
    }

    @Test(arguments: CostModel.allCases)
    func `JointDNN picks a worse plan than DIME and says a wrong latency`(model: CostModel) throws {
        var problem = Self.problem()
        problem.costModel = model
        let joint = try JointDNN(.fast, solver: ExactSolver.shared).plan(problem)
        let dime = try SystemPlanner(DIME(), solver: ExactSolver.shared).plan(problem)
        // All four layers on the edge: 40 ms by the sum of the layers, really 64 ms.
        #expect(joint.layers.dropFirst().dropLast().allSatisfy { $0.device == "edge" })
        #expect(abs((joint.ownEstimate ?? 0) - 0.040) < 1e-12)
        #expect(abs(joint.latencyS - 0.064) < 1e-12)
        // All on the cloud: 25 ms to reach it and 16 ms there.
        #expect(abs(dime.latencyS - 0.041) < 1e-12)
        #expect(dime.ownEstimate == nil)
        #expect(dime.latencyS < joint.latencyS)
        #expect(Verifier.violations(of: dime, in: problem) == [])
        #expect(Verifier.violations(of: joint, in: problem) == [])
    }

    @Test func `with bundles of at most two layers a device splits a run into the fewest`() throws {
        var problem = Self.problem()
        problem.constraints.maximumBundleSize = 2
        problem.bundles = problem.bundles.filter { $0.last - $0.first < 2 }
        problem.pins = (1...4).map { Pin(layer: $0, device: "edge") }
        let plan = try SystemPlanner(DIME(), solver: ExactSolver.shared).plan(problem)
        #expect(plan.bundles?.map { [$0.first, $0.last] } == [[0, 0], [1, 2], [3, 4], [5, 5]])
        #expect(abs(plan.latencyS - 2 * 0.024) < 1e-12)
        #expect(Verifier.violations(of: plan, in: problem) == [])
    }
}
