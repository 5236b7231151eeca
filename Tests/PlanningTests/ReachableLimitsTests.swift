import Costs
import Planning
import TestKit
import Testing

/// A limit that nothing can keep is answered with what can be reached, in figures that a person reads.
@Suite struct ReachableLimitsTests {
    private static func sentence(_ change: (inout Problem) -> Void) -> String? {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        change(&problem)
        return Infeasibility.unreachable(problem, solver: ExactSolver.shared)
    }

    @Test func `throughput is compared with throughput`() {
        // The least latency is 2.641 s: 0.379 inferences per second, one at a time.
        #expect(
            Self.sentence { $0.constraints.minimumThroughputPerS = 1000 }
                == "hand-made: 1000 inferences per second are asked for, and the most of any plan is 0.379; ask for "
                + "fewer")
        let continuous = Self.sentence {
            $0.service = .continuous
            $0.constraints.minimumThroughputPerS = 1000
        }
        #expect(continuous?.contains("1000 inferences per second are asked for") == true, "\(continuous ?? "")")
    }

    @Test func `a latency is compared with the least`() {
        #expect(
            Self.sentence { $0.constraints.maximumLatencyS = 0.001 }
                == "hand-made: a latency of at most 1.00 ms is asked for, and the least of any plan is 2.641 s; allow "
                + "more")
        let besides = Self.sentence {
            $0.constraints.maximumLatencyS = 3
            $0.constraints.privateLayers = [0, 1, 2]
        }
        #expect(besides?.contains("the least of any plan that keeps all else is 9.") == true, "\(besides ?? "")")
    }

    @Test func `what can be kept is not blamed`() {
        #expect(Self.sentence { $0.constraints.maximumLatencyS = 3 } == nil)
        #expect(Self.sentence { _ in } == nil)
        #expect(
            Self.sentence {
                $0.constraints.maximumLatencyS = 0.001
                for index in $0.devices.indices { $0.devices[index].memoryBytes = 10 }
            } == nil)
    }
}
