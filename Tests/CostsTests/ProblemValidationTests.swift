import Costs
import TestKit
import Testing

@Suite struct ProblemValidationTests {
    /// A change to a right problem, and what the sentence about it must say.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: [String]
        let make: @Sendable (inout Problem) -> Void

        init(_ name: String, _ words: [String], _ make: @escaping @Sendable (inout Problem) -> Void) {
            testDescription = name
            self.words = words
            self.make = make
        }
    }

    static let faults: [Fault] = [
        Fault("no device", ["no device"]) { $0.devices = [] },
        Fault("empty device id", ["empty id"]) { $0.devices[0].id = "" },
        Fault("duplicate device", ["B", "twice"]) { $0.devices.append($0.devices[1]) },
        Fault("no speed", ["A", "flops", "above zero"]) { $0.devices[0].flops = 0 },
        Fault("speed not a number", ["A", "flops"]) { $0.devices[0].flops = .nan },
        Fault("infinite bandwidth", ["memory_bandwidth_bytes_per_s"]) {
            $0.devices[1].memoryBandwidthBytesPerS = .infinity
        },
        Fault("negative memory", ["A", "memory_bytes", "-1"]) { $0.devices[0].memoryBytes = -1 },
        Fault("memory beyond counting", ["memory_bytes"]) { $0.devices[0].memoryBytes = .max },
        Fault("negative network end", ["network_bandwidth_bytes_per_s"]) {
            $0.devices[1].networkBandwidthBytesPerS = -5
        },
        Fault("negative runtime", ["runtime_bytes"]) { $0.devices[1].runtimeBytes = -5 },
        Fault("link to nowhere", ["link A-C", "no device C"]) { $0.links[0].between = ["A", "C"] },
        Fault("link of three", ["exactly two"]) { $0.links[0].between = ["A", "B", "A"] },
        Fault("link to itself", ["two different"]) { $0.links[0].between = ["A", "A"] },
        Fault("link given twice, turned around", ["twice"]) {
            $0.links.append(Link(between: "A", "B", bandwidthBytesPerS: 1))
        },
        Fault("dead link", ["bandwidth_bytes_per_s", "above zero"]) { $0.links[0].bandwidthBytesPerS = 0 },
        Fault("negative latency", ["latency_s"]) { $0.links[0].latencyS = -0.1 },
        Fault("too few layers", ["1 layers"]) { $0.layers = [$0.layers[0]] },
        Fault("duplicate layer", ["one", "twice"]) { $0.layers[2].name = "one" },
        Fault("no source", ["layer 0", "source"]) { $0.layers[0].kind = .model },
        Fault("source in the middle", ["layer 1", "source"]) { $0.layers[1].kind = .source },
        Fault("no destination", ["layer 3", "destination"]) { $0.layers[3].kind = .model },
        Fault("negative work", ["layer 1 (one)", "flop"]) { $0.layers[1].flop = -1 },
        Fault("infinite work", ["flop"]) { $0.layers[1].flop = .infinity },
        Fault("negative weights", ["weight_bytes"]) { $0.layers[1].weightBytes = -4 },
        Fault("negative output", ["output_bytes"]) { $0.layers[1].outputBytes = -4 },
        Fault("negative activation", ["activation_peak_bytes"]) { $0.layers[1].activationPeakBytes = -4 },
        Fault("unknown source", ["source C"]) { $0.source = "C" },
        Fault("unknown destination", ["destination C"]) { $0.destination = "C" },
        Fault("pin of no layer", ["pin of layer 9", "0 to 3"]) { $0.pins = [Pin(layer: 9, device: "A")] },
        Fault("pin to no device", ["pin of layer 1 (one)", "no device C"]) { $0.pins = [Pin(layer: 1, device: "C")] },
        Fault("pin against pin", ["both A and B"]) {
            $0.pins = [Pin(layer: 1, device: "A"), Pin(layer: 1, device: "B")]
        },
        Fault("pin against the source", ["both A and B"]) { $0.pins = [Pin(layer: 0, device: "B")] },
    ]

    @Test(arguments: faults)
    func `each fault is refused with its place`(fault: Fault) throws {
        var problem = HandMadeProblem.make()
        try problem.validate()
        fault.make(&problem)
        do {
            try problem.validate()
            Issue.record("accepted")
        } catch {
            for word in fault.words { #expect(error.description.contains(word), "\(error)") }
            #expect(!error.description.contains("\n"))
        }
    }

    @Test func `times beyond counting are refused with the layer and the device`() throws {
        var slow = HandMadeProblem.make()
        slow.devices[0].flops = 1e-300
        var narrow = HandMadeProblem.make()
        narrow.links[0].bandwidthBytesPerS = 5e-324
        for (problem, word) in [(slow, "layer 1 (one) on device A"), (narrow, "to B")] {
            do {
                _ = try CostTable(problem)
                Issue.record("accepted")
            } catch {
                #expect(error.description.contains(word), "\(error)")
            }
        }
    }

    @Test func `a problem too large for a table of its steps is refused`() {
        var problem = HandMadeProblem.make()
        problem.devices = (0..<Problem.maximumDevices).map {
            Device(id: DeviceID("d\($0)"), flops: 1, memoryBandwidthBytesPerS: 1, memoryBytes: 1)
        }
        problem.links = []
        problem.source = "d0"
        problem.destination = "d0"
        problem.layers.insert(
            contentsOf: (0..<20).map {
                PlannedLayer(name: "more\($0)", flop: 1, weightBytes: 1, outputBytes: 1, activationPeakBytes: 1)
            }, at: 1)
        #expect(throws: ProblemError.self) { try problem.validate() }
    }

    @Test func `the same pin given twice, and pins that repeat source and destination, are fine`() throws {
        var problem = HandMadeProblem.make()
        problem.pins = [Pin(layer: 0, device: "A"), Pin(layer: 2, device: "B"), Pin(layer: 2, device: "B")]
        try problem.validate()
        #expect(problem.pinnedDevices == ["A", nil, "B", "A"])
    }
}
