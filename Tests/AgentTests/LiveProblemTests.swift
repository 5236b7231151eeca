import Agent
import Cluster
import Costs
import ModelGraph
import ONNXImport
import TestKit
import Testing

@Suite struct LiveProblemTests {
    private let model = ModelRecord(
        name: "digits", version: 1, graphSHA256: "00", graphBytes: 1, weightBytes: 1, holders: ["a"], source: "a",
        destination: "b")

    private func board(_ name: String) -> NodeCapabilities {
        NodeCapabilities(
            node: NodeID(name), version: 1,
            devices: [
                Device(id: DeviceID(name), flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1_000_000_000)
            ], freeMemoryBytes: 1)
    }

    private func problem(of boards: [String]) throws -> Problem {
        let graph = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
        return try LiveProblem.make(
            model: model, layers: graph.layers(.layer), inputBytes: 256, members: boards.map(board),
            assumedBandwidthBytesPerS: 1e6)
    }

    @Test func `the order in which boards were heard of changes nothing`() throws {
        let problem = try problem(of: ["c", "a", "b"])
        #expect(problem.devices.map(\.id) == ["a", "b", "c"])
        #expect(try problem == self.problem(of: ["b", "c", "a"]))
    }

    @Test func `every figure is said to come from somewhere, and weights stay where they are loaded`() throws {
        let problem = try problem(of: ["a", "b"])
        #expect(problem.weights == .resident)
        #expect(problem.source == "a" && problem.destination == "b")
        #expect(problem.inputs.count == problem.devices.count + problem.links.count)
        #expect(problem.inputs.allSatisfy { !$0.source.isEmpty })
    }

    @Test(arguments: [(["b", "c"], "source a"), (["a", "c"], "destination b")])
    func `an end that is on no live board is named, with those that live`(boards: [String], part: String) throws {
        let error = try #require(#expect(throws: LiveProblemError.self) { try problem(of: boards) })
        #expect(error.description.contains(part))
        #expect(error.description.contains("live: \(boards.joined(separator: ", "))"))
    }

    private func problem(of boards: [NodeCapabilities], goal: PlanGoal) throws -> Problem {
        let graph = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
        return try LiveProblem.make(
            model: model, layers: graph.layers(.layer), inputBytes: 256, members: boards,
            assumedBandwidthBytesPerS: 1e6, goal: goal, nowS: 1_700_000_060)
    }

    private func clocked(_ name: String) -> NodeCapabilities {
        var board = board(name)
        board.devices[0].operatingPoints = [1e9, 2e9].map { OperatingPoint(frequencyHz: $0, flops: $0) }
        return board
    }

    @Test func `pins and clocks that were asked for leave no choice`() throws {
        let layers = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
            .layers(.layer)
        let goal = PlanGoal(
            pins: [LayerPin(layer: layers[1].name, device: "b")], clocks: [ClockPin(device: "a", frequencyHz: 1e9)])
        let problem = try problem(of: [clocked("a"), clocked("b")], goal: goal)
        #expect(problem.pinnedDevices[2] == "b")
        #expect(problem.devices[0].points.map(\.frequencyHz) == [1e9] && problem.devices[1].points.count == 2)
    }

    @Test func `a pin on a board that is gone, an unknown layer and a clock that is not there are named`() throws {
        for (goal, word) in [
            (PlanGoal(pins: [LayerPin(layer: "x", device: "z")]), "z, which is on no live board"),
            (PlanGoal(pins: [LayerPin(layer: "nowhere", device: "a")]), "nowhere"),
            (PlanGoal(clocks: [ClockPin(device: "a", frequencyHz: 3e9)]), "cannot run at 3000.0 MHz"),
        ] {
            let error = #expect(throws: (any Error).self, "\(word)") {
                try problem(of: [clocked("a"), clocked("b")], goal: goal)
            }
            #expect(error.map { "\($0)".contains(word) } == true, "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test func `a board's profile prices its bundles, another graph's does not`() throws {
        let graph = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
        let count = graph.layers(.layer).count
        func summary(_ sha256: String) -> ProfileSummary {
            ProfileSummary(
                graphSHA256: sha256, device: "a", measuredAt: "2023-11-14T22:13:20Z",
                clocks: [1e9, 2e9].map { frequencyHz in
                    .init(
                        frequencyHz: frequencyHz, layersS: Array(repeating: 1e6 / frequencyHz, count: count),
                        savedS: Array(repeating: 0, count: count - 1))
                })
        }
        var a = clocked("a")
        a.profiles = [summary("11")]
        #expect(try problem(of: [a, clocked("b")], goal: PlanGoal()).bundles.isEmpty)
        a.profiles = [summary("00")]
        a.paces = [ModelPace(model: "digits", device: "a", frequencyHz: 1e9, ratio: 2, samples: 30)]
        let problem = try problem(of: [a, clocked("b")], goal: PlanGoal())
        #expect(problem.bundles.count == count * (count + 1))
        #expect(problem.bundles.first { $0.frequencyHz == 1e9 }?.latencyS == 2e-3)
        #expect(problem.inputs.contains { $0.figure == "times of layers on a" && $0.ageS == 60 })
    }

    @Test func `what shared runs have shown is told apart from what whole layers take`() throws {
        let goal = PlanGoal(sharing: .auto)
        var a = board("a")
        a.paces = [ModelPace(model: "digits", device: "a", isShared: true, ratio: 1.2, samples: 30)]
        let b = board("b")
        #expect(try problem(of: [a, b], goal: goal).sharedPaces == [SharedPace(device: "a", ratio: 1.2)])
        let plain = try problem(of: [board("a"), b], goal: goal)
        #expect(plain.sharedPaces == nil)
        #expect(try problem(of: [a, b], goal: goal).devices == plain.devices)
        a.paces?.insert(ModelPace(model: "digits", device: "a", ratio: 1.5, samples: 30), at: 0)
        let both = try problem(of: [a, b], goal: goal)
        #expect(both.sharedPaces?.map { ($0.ratio * 1000).rounded() } == [800])
        #expect(both.inputs.contains { $0.figure == "pace of a in shared plans" })
    }

    @Test func `what messages take counts where requests of the model enter`() throws {
        func cost(_ model: String, _ eachS: Double) -> WaitCost {
            WaitCost(model: model, eachS: eachS, requests: 40)
        }
        let goal = PlanGoal(sharing: .auto)
        var (a, b) = (board("a"), board("b"))
        b.messages = [cost("digits", 0.5)]
        a.messages = [cost("other", 0.1)]
        #expect(try problem(of: [a, b], goal: goal).messageS == nil)
        a.messages = [cost("other", 0.1), cost("digits", 0.002)]
        let problem = try problem(of: [a, b], goal: goal)
        #expect(problem.messageS == 0.002)
        // Who shares nothing need not know.
        #expect(try self.problem(of: [a, b], goal: PlanGoal()).messageS == nil)
        let input = problem.inputs.first { $0.figure == "messages of shared plans" }
        #expect(input?.source.hasPrefix("2.0 ms each beside their bytes, over 40") == true)
    }

    @Test func `what requests take counts on the board where they enter, whether operators are shared or not`() throws {
        var (a, b) = (board("a"), board("b"))
        b.requestCosts = [WaitCost(model: "digits", eachS: 0.5, requests: 40)]
        #expect(try problem(of: [a, b], goal: PlanGoal()).requestS == nil)
        a.requestCosts = [WaitCost(model: "digits", eachS: 0.0013, requests: 40)]
        let problem = try problem(of: [a, b], goal: PlanGoal())
        #expect(problem.requestS == 0.0013)
        #expect(problem.inputs.contains { $0.figure == "requests on a" && $0.source.hasPrefix("1.3 ms each beside") })
    }

    @Test func `what a board measured itself is said with its age`() throws {
        var a = board("a")
        a.speedSources = [
            SpeedSource(device: "a", figures: ["flops"], source: "measured", measuredAt: "2023-11-14T22:13:20Z")
        ]
        let input = try problem(of: [a, board("b")], goal: PlanGoal()).inputs.first { $0.figure == "flops of a" }
        #expect(input?.ageS == 60 && input?.source.contains("measured by a") == true)
    }
}
