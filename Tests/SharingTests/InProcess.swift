import Foundation
import ModelGraph
import ONNXImport
import Runtime
import Sharing

/// Runs whole models and shared programs in this process, by the ONNX Runtime that boards use.
struct InProcess {
    static let runtime = Result { try OnnxRuntime.load() }

    let model: ImportedModel
    let shared: SharedGraph
    /// Weights as files named by their hash.
    let folder: String

    init(_ model: ImportedModel, folder: String) throws {
        self.model = model
        self.folder = folder
        shared = SharedGraph(model.graph)
        for weight in try model.contentAddressed().weights {
            let path = folder + "/" + weight.sha256
            guard !FileManager.default.fileExists(atPath: path) else { continue }
            try weight.withBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
        }
    }

    private func session(_ bytes: [UInt8], _ name: String, hasWeights: Bool) throws -> InferenceSession {
        try InferenceSession(
            runtime: try Self.runtime.get(), model: bytes, name: name,
            options: .init(weightsDirectory: hasWeights ? folder : nil))
    }

    /// The graph's outputs, unsplit.
    func whole(_ inputs: [Tensor]) throws -> [Tensor] {
        let segment = try model.segment(operators: 0..<model.graph.operators.count)
        let given = Dictionary(zip(model.graph.inputs, inputs)) { first, _ in first }
        let results = try session(segment.modelBytes, "the whole model", hasWeights: !segment.weights.isEmpty)
            .run(segment.inputs.compactMap { given[$0.name] })
        let named = Dictionary(zip(segment.outputs.map(\.name), results)) { first, _ in first }
        return model.graph.outputs.compactMap { named[$0] }
    }

    /// The graph's outputs at the destination, by every device's own steps and nothing else.
    func run(_ program: SharedProgram, _ inputs: [Tensor]) throws -> [Tensor] {
        var held = program.devices.map { _ in HeldRegions() }
        for (name, tensor) in zip(shared.graph.inputs, inputs) {
            try held[program.source].put(TensorRegion(name, .whole(tensor.shape)), tensor)
        }
        var messages: [Message: Tensor] = [:]
        var next = program.devices.map { _ in 0 }
        var moved = true
        while moved {
            moved = false
            for (device, steps) in program.devices.enumerated() {
                steps: while next[device] < steps.count {
                    switch steps[next[device]] {
                    case .send(let content, let receiver):
                        messages[Message(content: content, from: device, to: receiver)] =
                            try held[device].tensor(content)
                    case .receive(let content, let sender):
                        let message = Message(content: content, from: sender, to: device)
                        guard let tensor = messages.removeValue(forKey: message) else { break steps }
                        try held[device].put(content, tensor)
                    case .run(let segment): try run(segment, &held[device])
                    }
                    next[device] += 1
                    moved = true
                }
            }
        }
        return try shared.graph.outputs.map {
            try held[program.destination].tensor(TensorRegion($0, .whole(shared.shape(ofTensor: $0))))
        }
    }

    private struct Message: Hashable {
        let content: TensorRegion
        let from: Int
        let to: Int
    }

    private func run(_ segment: SharedSegment, _ held: inout HeldRegions) throws {
        guard !segment.outputs.isEmpty else { return }
        let cut = try model.segment(segment, of: shared)
        let inputs = try segment.inputs.map { try held.tensor($0) }
        let outputs = try session(cut.modelBytes, "a segment", hasWeights: !cut.weights.isEmpty).run(inputs)
        for (named, tensor) in zip(segment.outputs, outputs) { try held.put(named, tensor) }
    }
}

/// How near a shared result is to the whole one.
enum Exactness {
    /// Relative to the value itself.
    static let tolerance = 1e-4
    /// Values below this part of the result's largest count as that, because sums that cancel lose their digits in any
    /// order: 1e-6 of the largest is allowed for one operator, 1e-5 for a whole model, whose operators add up.
    static let operatorFloor = 0.01
    static let modelFloor = 0.1

    /// Largest difference in units of what is allowed; above 1 is a failure.
    static func excess(_ actual: [Tensor], _ expected: [Tensor], floor: Double = operatorFloor) -> Double {
        guard actual.count == expected.count else { return .infinity }
        return zip(actual, expected).map { excess($0, $1, floor) }.max() ?? 0
    }

    private static func excess(_ actual: Tensor, _ expected: Tensor, _ floor: Double) -> Double {
        guard actual.shape == expected.shape, actual.elementType == expected.elementType else { return .infinity }
        guard let left = actual.floats, let right = expected.floats else {
            return actual.bytes == expected.bytes ? 0 : .infinity
        }
        let largest = right.map { abs(Double($0)) }.filter(\.isFinite).max() ?? 0
        var worst = 0.0
        for (value, wanted) in zip(left, right) where value != wanted && !(value.isNaN && wanted.isNaN) {
            let allowed = tolerance * max(abs(Double(wanted)), floor * largest, 1e-30)
            let ratio = abs(Double(value) - Double(wanted)) / allowed
            worst = max(worst, ratio.isNaN ? .infinity : ratio)
        }
        return worst
    }
}

/// How much of the random tests is run: `LAMELLA_SHARING_ROUNDS` for each operator kind and dimension, and
/// `LAMELLA_SHARING_MODELS` (names of fixtures, or `all`) for whole models.
enum Effort {
    static let rounds = Int(ProcessInfo.processInfo.environment["LAMELLA_SHARING_ROUNDS"] ?? "") ?? 6
    static let models = ProcessInfo.processInfo.environment["LAMELLA_SHARING_MODELS"]

    /// A folder of its own for one test, deleted afterwards.
    static func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }
}
