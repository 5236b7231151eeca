import Costs
import ModelGraph
import Planning
import SharedPlanning
import SharingPlans
import Testing

@Suite struct SharedProblemTests {
    private func digits() throws -> Problem { try MadeUpProblems.problem(try MadeUpProblems.graph("digits")) }

    /// The sentence with which a problem is refused.
    private func refusal(_ change: (inout Problem) -> Void) throws -> String {
        var problem = try digits()
        change(&problem)
        do {
            _ = try SharedProblem(problem)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `figures of devices and links are those of the problem`() throws {
        var problem = try digits()
        problem.devices[1].memoryBytes = 1000
        problem.devices[1].runtimeBytes = 300
        problem.devices[2].networkBandwidthBytesPerS = 5e6
        problem.links[0].reverseBandwidthBytesPerS = 2e6
        let shared = try SharedProblem(problem)
        let cluster = shared.cluster
        #expect(cluster.devices.map(\.name) == ["a", "b", "c"])
        #expect(cluster.speeds == [1e9, 2e9, 1e9])
        #expect(cluster.devices[1].memoryBytes == 700)
        #expect(cluster.bandwidthBytesPerS[0][1] == 100e6)
        #expect(cluster.bandwidthBytesPerS[1][0] == 2e6)
        #expect(cluster.bandwidthBytesPerS[1][2] == 5e6)
        #expect(cluster.latencyS[2][1] == 0.0001)
        #expect(cluster.source == 0 && cluster.destination == 0)
        #expect(shared.preprocessS == 0)
    }

    @Test func `a device runs at its fastest point, and at its measured speed where every layer was measured`() throws {
        var problem = try digits()
        problem.devices[1].operatingPoints = [
            OperatingPoint(frequencyHz: 1e9, flops: 1e9, computePowerW: nil),
            OperatingPoint(frequencyHz: 2e9, flops: 2e9, computePowerW: nil),
        ]
        #expect(try SharedProblem(problem).cluster.speeds == [1e9, 2e9, 1e9])
        let layers = problem.layers.indices.filter { problem.layers[$0].kind == .model }
        problem.bundles = layers.map {
            MeasuredBundle(
                first: $0, last: $0, device: "b", frequencyHz: 2e9, latencyS: problem.layers[$0].flop / 5e8)
        }
        let measured = try SharedProblem(problem)
        #expect(abs(measured.cluster.speeds[1] - 5e8) < 1)
        #expect(measured.inputs.contains { $0.figure == "FLOP/s of b" })
        problem.bundles.removeLast()
        #expect(try SharedProblem(problem).cluster.speeds[1] == 2e9)
    }

    @Test func `a board takes part with its fastest device, or with its source`() throws {
        var problem = try digits()
        problem.devices[2].node = "b"
        let shared = try SharedProblem(problem)
        #expect(shared.devices.map(\.id) == ["a", "b"])
        #expect(shared.inputs.contains { $0.figure == "device c" })
        problem.devices[2].node = "c"
        problem.devices[1].node = "a"
        #expect(try SharedProblem(problem).devices.map(\.id) == ["a", "c"])
        problem.destination = "b"
        #expect(throws: PlanningError.self) { try SharedProblem(problem) }
    }

    @Test func `what no shared plan can be held to is refused by its name`() throws {
        #expect(try refusal { $0.objective = .energy }.contains("asked is energy"))
        #expect(try refusal { $0.service = .continuous }.contains("continuous service"))
        #expect(try refusal { $0.constraints.maximumEntries = 2 }.contains("a limit of entries"))
        #expect(try refusal { $0.constraints.privateLayers = [1] }.contains("private layers"))
        #expect(try refusal { $0.pins.append(Pin(layer: 2, device: "b")) }.contains("is pinned to b"))
        #expect(
            try refusal { problem in
                for layer in problem.layers.indices.dropFirst(2) { problem.layers[layer].reachProbability = 0.5 }
            }.contains("early exits"))
        #expect(try refusal { $0.links.removeLast() }.contains("no link between b and c"))
        #expect(try refusal { $0.constraints.maximumLatencyS = 1 }.isEmpty)
    }
}
