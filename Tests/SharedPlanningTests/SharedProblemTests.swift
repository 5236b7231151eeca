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
        #expect(shared.aroundS == 0)
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

    @Test func `each layer takes what was measured of it, in the mean of the devices where they differ`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let layers = graph.layers(.layer)
        var problem = try MadeUpProblems.problem(graph)
        let named = problem.layers.indices.filter { problem.layers[$0].kind == .model }
        func times(_ factor: (Int) -> Double, on device: DeviceID) -> [MeasuredBundle] {
            named.enumerated().map { number, index in
                MeasuredBundle(
                    first: index, last: index, device: device, frequencyHz: nil,
                    latencyS: factor(number) * max(problem.layers[index].flop, 1e3) / 1e9)
            }
        }
        func takes(_ asked: SharedProblem, on device: Int) -> [Double] {
            let shared = asked.sharedGraph(graph, layers: layers)
            return layers.map { $0.operators.reduce(0) { $0 + shared.flop(of: $1) } / asked.cluster.speeds[device] }
        }
        problem.bundles = times({ [0.5, 1, 3][$0 % 3] }, on: "a")
        let one = try SharedProblem(problem)
        #expect(one.inputs.contains { $0.source == "measured times, the mean of 1 device" })
        for ((time, bundle), layer) in zip(zip(takes(one, on: 0), problem.bundles), layers) {
            guard graph.operators[layer.operators].contains(where: { $0.flop > 0 }) else { continue }
            #expect(abs(time / bundle.latencyS - 1) < 1e-3, "\(layer.name)")
        }
        let local = try SharedSolution(problem, graph, layers: layers, by: .local)
        #expect(abs(local.plan.latencyS / problem.bundles.reduce(0) { $0 + $1.latencyS } - 1) < 1e-9)
        let seen = one.sharedGraph(graph, layers: layers)
        #expect(graph.operators.indices.allSatisfy { local.graph.flop(of: $0) == seen.flop(of: $0) })
        #expect(graph.operators.indices.contains { seen.flop(of: $0) > 1.5 * graph.operators[$0].flop })
        // The other device is slow at other layers, and ten times as slow in all.
        problem.bundles += times({ [30, 10, 5][$0 % 3] }, on: "c")
        let both = try SharedProblem(problem)
        let (own, others) = (problem.bundles.prefix(layers.count), problem.bundles.suffix(layers.count))
        #expect(abs(takes(both, on: 0).reduce(0, +) / own.reduce(0) { $0 + $1.latencyS } - 1) < 1e-9)
        #expect(abs(takes(both, on: 2).reduce(0, +) / others.reduce(0) { $0 + $1.latencyS } - 1) < 1e-9)
        let parts = zip(takes(one, on: 0), takes(both, on: 0)).map { $1 / $0 }
        #expect(parts.contains { $0 > 1.1 } && parts.contains { $0 < 0.9 })
        // What is not measured costs by its FLOP.
        problem.bundles = []
        #expect(try SharedProblem(problem).sharedGraph(graph, layers: layers).flop(of: 0) == graph.operators[0].flop)
    }

    @Test func `what shared runs have shown counts for shared plans, not for one device alone`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let layers = graph.layers(.layer)
        var problem = try MadeUpProblems.problem(graph)
        func planned(_ system: SharingSystem) throws -> SharedSolution {
            try SharedSolution(problem, graph, layers: layers, by: system)
        }
        let before = try planned(.oneDimH)
        problem.sharedPaces = problem.devices.map { SharedPace(device: $0.id, ratio: 2) }
        let after = try planned(.oneDimH)
        for (slow, fast) in zip(after.evaluation.computeS, before.evaluation.computeS) {
            #expect(abs(slow - 2 * fast) <= 1e-12)
        }
        #expect(after.plan.singleDevice == before.plan.singleDevice)
        let chain = try ExactPlanner().plan(problem)
        let worths = try [before, after].map {
            try #require($0.problem.worth(of: chain, $0.graph, layers: layers)).latencyS
        }
        #expect(worths[0] == worths[1])
        problem.sharedPaces = [SharedPace(device: "a", ratio: 0)]
        #expect(throws: PlanningError.self) { try SharedProblem(problem) }
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
        #expect(try refusal { $0.objective = .throughput }.contains("asked is throughput"))
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
