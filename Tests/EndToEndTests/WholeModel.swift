import Agent
import Board
import NIOCore
import Runtime

/// The unsplit model in one session of ONNX Runtime: what a split must agree with.
enum WholeModel {
    static func largest(of images: [NPYArray], path: String) throws -> [Int] {
        let session = try InferenceSession(
            runtime: try OnnxRuntime.load(), model: FileBytes.read(path, maximumBytes: 64 << 20))
        return try images.map { image in
            let tensor = Tensor(
                elementType: image.elementType, shape: image.shape, bytes: ByteBuffer(bytes: image.bytes))
            return try session.run([tensor])[0].floats?.largestIndex ?? -1
        }
    }
}
