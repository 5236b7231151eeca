import Cluster
import Costs
import ModelGraph
import ONNXImport

/// A segment that is ready to run.
final class LoadedSegment: Sendable {
    let segment: ProgramSegment
    let identity: SegmentIdentity
    let session: InferenceSession

    init(segment: ProgramSegment, identity: SegmentIdentity, session: InferenceSession) {
        self.segment = segment
        self.identity = identity
        self.session = session
    }
}

/// Names a piece of a model apart from any plan, so that plans that share it share its session.
struct SegmentIdentity: Hashable, Sendable {
    var graphSHA256: String
    var firstOperator: Int
    var operatorCount: Int
    var intraThreads: Int
    var interThreads: Int
}

/// Makes everything ready for a plan: graph, program, weights, sessions. Blocks: used on the loader's thread only.
struct PlanLoader: Sendable {
    struct Loaded: Sendable {
        var program: PlanProgram
        var segments: [LoadedSegment]
        var receivedBytes: Int
        var sharing: LoadedSharing?
    }

    let node: NodeID
    let store: WeightStore
    let fetcher: BlobFetcher
    let configuration: RunnerConfiguration
    /// Sessions of plans that are loaded already.
    let reusable: [SegmentIdentity: LoadedSegment]
    /// Opens ONNX Runtime, the first time that a session is made.
    let runtime: @Sendable () throws -> OnnxRuntime

    /// - Throws: one sentence that says why the plan cannot run here.
    func load(_ request: PrepareRequest) throws -> Loaded {
        let record = request.record
        let peers = askedPeers(record)
        let graphSHA256 = record.model.graphSHA256
        var receivedBytes = try fetcher.fetch(graphSHA256, byteCount: record.model.graphBytes, from: peers)
        let model = try ImportedModel.load(
            graphFile: try store.bytes(of: graphSHA256), named: "the graph of model \(record.model.name)")
        if let sharing = record.plan.sharing {
            let shared = try load(sharing, request, model, from: peers)
            return Loaded(
                program: shared.program, segments: [], receivedBytes: receivedBytes + shared.receivedBytes,
                sharing: shared.sharing)
        }
        let program = try ProgramCompiler.compile(
            record, layers: model.graph.layers(record.granularity), placements: request.placements)
        let own = program.segments.filter { $0.node == node }
        try checkMemory(own)
        let cut = try own.map { ($0, try Self.cut($0.operators, of: model)) }
        // All weights first: a plan that cannot have them is refused before any session takes memory.
        for (_, segment) in cut {
            for weight in segment.weights {
                receivedBytes += try fetcher.fetch(weight.sha256, byteCount: weight.byteCount, from: peers)
            }
        }
        var segments: [LoadedSegment] = []
        for (step, segment) in cut {
            if fetcher.cancellation.isCancelled { throw TransportError("the plan is not wanted any more") }
            segments.append(try session(of: step, cut: segment, record: record))
        }
        return Loaded(program: program, segments: segments, receivedBytes: receivedBytes)
    }

    /// A piece of a model, listed so that ONNX Runtime runs its operators in an order that needs little memory.
    private static func cut(_ operators: Range<Int>, of model: ImportedModel) throws -> Segment {
        try model.segment(operators: operators, listing: try FusedAdditions(model.graph, operators).listing())
    }

    private func session(
        of step: ProgramSegment, cut segment: Segment, record: PlanRecord
    ) throws -> LoadedSegment {
        let identity = SegmentIdentity(
            graphSHA256: record.model.graphSHA256, firstOperator: step.firstOperator,
            operatorCount: step.operatorCount, intraThreads: configuration.intraThreads,
            interThreads: configuration.interThreads)
        if let there = reusable[identity] {
            return LoadedSegment(segment: step, identity: identity, session: there.session)
        }
        let session = try warmSession(
            segment.modelBytes, hasWeights: !segment.weights.isEmpty,
            name: "segment \(step.index) of model \(record.model.name)")
        return LoadedSegment(segment: step, identity: identity, session: session)
    }

    /// A session of a piece of a model, which has run once.
    func warmSession(_ modelBytes: [UInt8], hasWeights: Bool, name: String) throws -> InferenceSession {
        let session = try InferenceSession(
            runtime: try runtime(), model: modelBytes, name: name,
            options: InferenceSessionOptions(
                intraThreads: configuration.intraThreads, interThreads: configuration.interThreads,
                weightsDirectory: hasWeights ? store.directory : nil))
        // Weights are pages of files until they are used: only now does the measured memory hold them.
        try session.warmUp()
        return session
    }

    /// Throws where the board does not offer what its segments need.
    func checkMemory(_ own: [ProgramSegment]) throws {
        guard let limit = configuration.memoryLimitBytes else { return }
        let weightBytes = own.reduce(0) { $0 + $1.weightBytes }
        let activationBytes = own.reduce(0) { max($0, $1.activationPeakBytes) }
        guard weightBytes + activationBytes <= limit else {
            throw ProgramError(
                "the plan gives board \(node) \(weightBytes) bytes of weights and \(activationBytes) of activations, "
                    + "it offers \(limit) bytes")
        }
    }

    /// Boards that hold the whole model first, then those that may have got parts of it.
    private func askedPeers(_ record: PlanRecord) -> [NodeID] {
        var peers: [NodeID] = []
        for peer in record.model.holders + record.participants where peer != node && !peers.contains(peer) {
            peers.append(peer)
        }
        return peers
    }
}
