import Cluster
import Costs
import JSON
import ModelGraph
import ONNXImport
import Runtime
import Testing

@Suite struct ProgramCompilerTests {
    private static let layers = Result {
        try ImportedModel.load(path: Support.fixture("digits/digits.onnx")).graph.layers(.layer)
    }

    private let placements = ["A", "B", "C"].map { DevicePlacement(device: DeviceID($0), node: NodeID("node-\($0)")) }

    private func record(_ devices: [DeviceID], names: [String]? = nil, pseudo: Bool = true) throws -> PlanRecord {
        let own = try Self.layers.get().map(\.name)
        return Plans.record(
            layers: names ?? own, devices: devices, source: "A", destination: "C",
            pseudo: pseudo)
    }

    @Test func `neighbouring layers on one device become one segment, and a device may have several`() throws {
        let layers = try Self.layers.get()
        try #require(layers.count >= 4)
        var devices = [DeviceID](repeating: "A", count: layers.count)
        devices[1] = "B"
        devices[2] = "B"
        let program = try ProgramCompiler.compile(try record(devices), layers: layers, placements: placements)
        #expect(program.segments.map(\.node) == ["node-A", "node-B", "node-A"])
        #expect(program.segments.map(\.layers) == [0..<1, 1..<3, 3..<layers.count])
        #expect(program.segments.map(\.index) == [0, 1, 2])
        #expect(program.segments.first?.operators.lowerBound == 0)
        for (left, right) in zip(program.segments, program.segments.dropFirst()) {
            #expect(left.operators.upperBound == right.operators.lowerBound)
            #expect(left.outputTensor == right.inputTensor)
        }
        #expect(program.segments.reduce(0) { $0 + $1.flop } == layers.reduce(0) { $0 + $1.flop })
    }

    @Test func `a tensor's stops are the segments, then the destination, then the source`() throws {
        let layers = try Self.layers.get()
        let devices = [DeviceID](repeating: "B", count: layers.count)
        let program = try ProgramCompiler.compile(try record(devices), layers: layers, placements: placements)
        #expect((0...3).map { program.node(ofStop: $0) } == ["node-B", "node-C", "node-A", nil])
        let own = program.program(for: "node-B")
        #expect(own.steps.map(\.next) == ["node-C"])
        #expect(program.program(for: "node-A").steps.isEmpty)
    }

    @Test func `plans with and without pseudo layers give the same program`() throws {
        let layers = try Self.layers.get()
        let devices = [DeviceID](repeating: "B", count: layers.count)
        #expect(
            try ProgramCompiler.compile(record(devices), layers: layers, placements: placements)
                == ProgramCompiler.compile(record(devices, pseudo: false), layers: layers, placements: placements))
    }

    @Test func `a plan of another model, with a layer missing or a device unknown is refused by name`() throws {
        let layers = try Self.layers.get()
        let devices = [DeviceID](repeating: "B", count: layers.count)
        var names = layers.map(\.name)
        names[1] = "conv_of_another_model"
        let wrong = #expect(throws: ProgramError.self) {
            try ProgramCompiler.compile(record(devices, names: names), layers: layers, placements: placements)
        }
        #expect(wrong?.sentence.contains("conv_of_another_model") == true)
        let short = #expect(throws: ProgramError.self) {
            try ProgramCompiler.compile(
                record(Array(devices.dropLast()), names: Array(layers.map(\.name).dropLast())), layers: layers,
                placements: placements)
        }
        #expect(short?.sentence.contains("to no device") == true)
        let unknown = #expect(throws: ProgramError.self) {
            try ProgramCompiler.compile(
                record(devices), layers: layers, placements: placements.filter { $0.device != "B" })
        }
        #expect(unknown?.sentence.contains("device B") == true)
    }
}

@Suite struct RunnerLinesTests {
    static let reference = PlanReference(plan: PlanID(term: 3, leader: "B", sequence: 9), model: "digits")

    @Test func `every command reads back the same from its JSON line`() throws {
        let record = Plans.record(layers: ["a"], devices: ["A"], source: "A", destination: "A", pseudo: true)
        let commands: [RunnerCommand] = [
            .configure(
                .init(
                    peers: [.init(node: "B", endpoint: Endpoint(host: "::1", port: 7))], intraThreads: 2,
                    memoryLimitBytes: 5,
                    emulation: .init(
                        flops: 1e9, links: [.init(peer: "B", bandwidthBytesPerS: 1e6, latencyS: 0.001)]))),
            .addPeer(.init(node: "C", endpoint: Endpoint(host: "10.0.0.3", port: 9))),
            .fetch(.init(sha256: [String(repeating: "a", count: 64)], from: ["B", "C"])),
            .prepare(.init(record: record, placements: [.init(device: "A", node: "A")])),
            .commit(Self.reference), .drain(Self.reference), .abandon(Self.reference),
        ]
        for command in commands {
            let text = try JSON.encode(command)
            #expect(!text.contains("\n"))
            #expect(try JSON.decode(RunnerCommand.self, from: Array(text.utf8)) == command)
        }
    }

    @Test func `every report reads back the same from its JSON line`() throws {
        let plan = Self.reference.plan
        let reports: [RunnerReport] = [
            .alive,
            .started(.init(node: "A", port: 1, processID: 2, memoryBytes: 3)),
            .fetched(.init(sha256: [], receivedBytes: 4)),
            .ready(
                .init(
                    plan: plan, model: "m", memoryBytes: 1, loadS: 0.5, receivedBytes: 2,
                    program: DeviceProgram(plan: plan, model: "m", node: "A", steps: []))),
            .refused(.init(plan: nil, model: nil, reason: "no")), .committed(Self.reference),
            .drained(Self.reference),
            .measured(.init(plan: plan, model: "m", segment: 1, computeS: 0.25, count: 3, memoryBytes: 9)),
            .link(.init(peer: "B", bandwidthBytesPerS: nil, latencyS: 0.5, count: 1, transferCount: 0)), .fault("why"),
        ]
        for report in reports {
            #expect(try JSON.decode(RunnerReport.self, from: Array(try JSON.encode(report).utf8)) == report)
        }
    }

    @Test func `an unknown command is an error that names it`() {
        let error = #expect(throws: JSONError.self) {
            try JSON.decode(RunnerCommand.self, from: Array(#"{"command":"explode"}"#.utf8))
        }
        #expect(error.map { "\($0)" }?.contains("explode") == true)
    }
}
