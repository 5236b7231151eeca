import Board
import Costs
import ModelGraph
import NIOCore
import ONNXImport
import Sharing

/// Makes bundles of a model ready to run, one at a time. Calls block.
public struct BundleLoader: Sendable {
    /// What a session takes beside weights and activations; not to be touched on a board that is short of memory.
    public static let reserveBytes = 64 << 20

    public let layers: [GraphLayer]
    public let threads: Int
    public let runtime: OnnxRuntime
    private let model: ImportedModel
    private let store: WeightStore

    /// Puts the model's weights into a folder, a blob each.
    ///
    /// - Throws: `ImportError`, for one where weights are missing; `WeightStoreError`; where the model has no layers.
    public init(
        model original: ImportedModel, granularity: LayerGranularity, folder: String, threads: Int,
        runtime: OnnxRuntime
    ) throws {
        let store = try WeightStore(directory: folder)
        let (graphFile, weights) = try original.contentAddressed()
        for weight in weights {
            try weight.withBytes { try store.put($0, sha256: weight.sha256) }
        }
        self.store = store
        model = try ImportedModel.load(graphFile: graphFile)
        layers = model.graph.layers(granularity)
        self.threads = threads
        self.runtime = runtime
    }

    /// Bytes that a bundle needs, as a plan reckons them, and a reserve.
    public func neededBytes(_ bundle: ClosedRange<Int>) -> Int {
        let own = layers[bundle]
        return own.reduce(0) { $0 + $1.weightBytes } + own.reduce(0) { max($0, $1.activationPeakBytes) }
            + Self.reserveBytes
    }

    /// A session of the bundle with an input for it, run once.
    ///
    /// - Parameter availableBytes: nil: unknown, and not checked.
    /// - Throws: one sentence, also where the bundle does not fit.
    public func load(_ bundle: ClosedRange<Int>, availableBytes: Int?) throws -> LoadedBundle {
        let needed = neededBytes(bundle)
        if let availableBytes, needed > availableBytes {
            throw ProgramError(
                "needs \(needed) bytes of memory with a reserve of \(Self.reserveBytes), and \(availableBytes) are "
                    + "available; measure it on a larger board, or give a smaller maximum bundle size")
        }
        let segment = try model.segment(layers: layers[bundle])
        return try loaded(
            segment.modelBytes, "layers \(bundle.lowerBound) to \(bundle.upperBound)",
            hasWeights: !segment.weights.isEmpty)
    }

    /// As operators and their parts are numbered for ``load(part:of:)``.
    public var graph: ModelGraph { model.graph }

    /// A session of a part of one operator with an input for it, run once.
    ///
    /// - Parameter shared: of ``graph``.
    /// - Throws: one sentence.
    public func load(part: SegmentPart, of shared: SharedGraph) throws -> LoadedBundle {
        let segment = try model.segment(try SharedSegment(part, of: shared), of: shared)
        return try loaded(
            segment.modelBytes, "a part of operator \(part.position)", hasWeights: !segment.weights.isEmpty)
    }

    private func loaded(_ model: [UInt8], _ name: String, hasWeights: Bool) throws -> LoadedBundle {
        let session = try InferenceSession(
            runtime: runtime, model: model, name: name,
            options: InferenceSessionOptions(
                intraThreads: threads, weightsDirectory: hasWeights ? store.directory : nil))
        let loaded = LoadedBundle(session: session, inputs: try session.inputs.map { try Self.input($0) })
        try loaded.run()
        return loaded
    }

    /// Seeded values: zeros would let some kernels skip work. Integers are indices as often as not, so they stay 0.
    private static func input(_ description: TensorDescription) throws -> Tensor {
        let shape = description.shape.map { max($0, 1) }
        guard let count = Tensor.elementCount(of: shape),
            let byteCount = Tensor.byteCount(of: description.elementType, shape: shape)
        else { throw InferenceError(.model, "the input \(description) is larger than memory can be") }
        guard description.elementType == .float32 else {
            return Tensor(
                elementType: description.elementType, shape: shape, bytes: ByteBuffer(repeating: 0, count: byteCount))
        }
        var generator = SeededGenerator(seed: 1)
        return Tensor(
            shape: shape, floats: (0..<count).map { _ in Float.random(in: -1...1, using: &generator) })
    }
}

/// A bundle that can be run again and again.
public struct LoadedBundle: Sendable {
    let session: InferenceSession
    let inputs: [Tensor]

    public func run() throws { _ = try session.run(inputs) }
}
