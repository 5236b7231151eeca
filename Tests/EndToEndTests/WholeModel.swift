import Agent
import Board
import NIOCore
import Runtime

/// The unsplit model in one session of ONNX Runtime: what a split must agree with.
enum WholeModel {
    static func largest(of images: [NPYArray], path: String) throws -> [Int] {
        try outputs(of: images, path: path).map { $0.largestIndex ?? -1 }
    }

    /// The model's only result for each input; its weights are in the file or beside it.
    static func outputs(of images: [NPYArray], path: String) throws -> [[Float]] {
        let session = try InferenceSession(
            runtime: try OnnxRuntime.load(), model: FileBytes.read(path, maximumBytes: 64 << 20),
            options: .init(weightsDirectory: path.lastIndex(of: "/").map { String(path[..<$0]) }))
        return try images.map { image in
            let tensor = Tensor(
                elementType: image.elementType, shape: image.shape, bytes: ByteBuffer(bytes: image.bytes))
            return try session.run([tensor])[0].floats ?? []
        }
    }
}
