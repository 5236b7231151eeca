import Costs
import Planning
import TestKit
import Testing

/// The published equations beside what is physically so.
@Suite struct AsPublishedTests {
    /// Two equal boards on a fast network, and layers whose weights take far longer than their work: in the published
    /// equations the layers play ping-pong, so that every load hides.
    private static func problem() -> Problem {
        var layers = [
            PlannedLayer(
                name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: 1000, activationPeakBytes: 1000)
        ]
        for index in 1...6 {
            layers.append(
                PlannedLayer(
                    name: "layer\(index)", flop: 1e6, weightBytes: 1_000_000, outputBytes: 1000,
                    activationPeakBytes: 2000))
        }
        layers.append(
            PlannedLayer(
                name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                activationPeakBytes: 1004))
        func device(_ id: DeviceID) -> Device {
            Device(id: id, flops: 1e9, memoryBandwidthBytesPerS: 1e8, memoryBytes: 100_000_000)
        }
        return Problem(
            model: "ping-pong", layers: layers, devices: [device("A"), device("B")],
            links: [Link(between: "A", "B", bandwidthBytesPerS: 1e8)], source: "A", destination: "A",
            weights: .preloaded)
    }

    @Test func `ODIWeP as published hides loads that nothing can hide, and its estimate says so`() throws {
        let problem = Self.problem()
        let planner = SystemPlanner(ODIWeP(), solver: ExactSolver.shared)
        let published = try AsPublished(planner).plan(problem)
        let sound = try planner.plan(problem)
        // Each load takes 10 ms and each layer 1 ms: six loads that are free on paper.
        let estimate = try #require(published.ownEstimate)
        #expect(estimate < 0.0075)
        #expect(published.latencyS > 0.025)
        #expect(sound.latencyS <= published.latencyS * (1 + 1e-12))
        #expect(sound.ownEstimate == nil)
        for plan in [published, sound] { #expect(Verifier.violations(of: plan, in: problem) == []) }
    }

    @Test(arguments: 0..<60)
    func `without weights, waiting and radios both say the same`(seed: Int) throws {
        var random = RandomServiceProblem(layers: 2 + seed % 4, devices: 1 + seed % 3)
        random.weights = .resident
        random.points = 1 + seed % 2
        var problem = try random.make(seed: UInt64(seed))
        problem.objective = .latency
        let planner = ExactPlanner()
        let sound = try? planner.plan(problem)
        let published = try? AsPublished(planner).plan(problem)
        #expect(sound?.latencyS == published?.latencyS)
        #expect(published?.ownEstimate == nil)
    }
}
