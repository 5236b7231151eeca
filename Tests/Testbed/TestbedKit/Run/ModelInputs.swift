import Agent
import Board
import Costs
import ModelGraph
import ONNXImport

/// What is sent to a model.
public enum ModelInputs {
    /// Bytes of one file.
    static let maximumFileBytes = 1 << 30
    static let randomCount = 4

    /// The rows of a file, or a few random inputs of the model's own shape. Blocks.
    ///
    /// - Throws: one sentence that names the file.
    public static func load(model: String, input: String?) throws -> [NPYArray] {
        if let input {
            return try TensorRequests.split(
                try NPYArray(parsing: FileBytes.read(input, maximumBytes: maximumFileBytes), name: input), rows: 1)
        }
        let graph = try ImportedModel.load(path: model).graph
        guard let name = graph.inputs.first, graph.inputs.count == 1, let tensor = graph.tensors[name],
            tensor.type.elementType == .float32
        else {
            throw TestbedError(
                "\(model) does not take one float32 tensor, so that inputs cannot be made up; name them in "
                    + "'testbed.input'")
        }
        var generator = SeededGenerator(seed: 1)
        return try (0..<randomCount).map { _ in
            let floats = (0..<tensor.type.byteCount / 4).map { _ in Float.random(in: -1..<1, using: &generator) }
            return try NPYArray(
                elementType: .float32, shape: tensor.type.shape, bytes: floats.withUnsafeBytes { Array($0) })
        }
    }
}
