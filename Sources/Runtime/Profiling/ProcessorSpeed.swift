import Costs
import ModelGraph
import NIOCore
import ONNXImport

/// How fast the processor computes as ONNX Runtime reaches it: a convolution and a matrix product of medium size.
public struct ProcessorSpeed: Sendable, Equatable {
    /// FLOP/s, each from the median of the repetitions.
    public var convolutionFlops: Double
    public var matrixFlops: Double
    /// The work of both over the time of both.
    public var flops: Double

    public static let repetitions = 15

    /// Measures. Blocks.
    ///
    /// - Parameter within: no run of either operator is begun after this time, but for the first three.
    /// - Throws: ``InferenceError``, ``ImportError``.
    public static func measure(
        _ runtime: OnnxRuntime, threads: Int, within: Duration = .seconds(3600)
    ) throws -> ProcessorSpeed {
        let convolution = try measure(SpeedModel.convolution(), runtime, threads, within)
        let matrix = try measure(SpeedModel.matrixProduct(), runtime, threads, within)
        return ProcessorSpeed(
            convolutionFlops: convolution.flop / convolution.seconds, matrixFlops: matrix.flop / matrix.seconds,
            flops: (convolution.flop + matrix.flop) / (convolution.seconds + matrix.seconds))
    }

    private static func measure(
        _ model: SpeedModel, _ runtime: OnnxRuntime, _ threads: Int, _ within: Duration
    ) throws -> (flop: Double, seconds: Double) {
        let session = try InferenceSession(
            runtime: runtime, model: model.bytes, name: "the speed test", options: .init(intraThreads: threads))
        var generator = SeededGenerator(seed: 1)
        let inputs = session.inputs.map { input in
            Tensor(
                shape: input.shape,
                floats: (0..<input.shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
        }
        var secondsS: [Double] = []
        let begin = MonotonicClock.now
        for repetition in 0..<(repetitions + 2) {
            if repetition >= 3, MonotonicClock.now - begin > within { break }
            let start = MonotonicClock.now
            _ = try session.run(inputs)
            if repetition >= 2 { secondsS.append((MonotonicClock.now - start).inSeconds) }
        }
        return (model.flop, max(secondsS.sorted()[secondsS.count / 2], 1e-9))
    }
}
