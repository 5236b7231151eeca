import Cluster
import Costs
import ONNXImport
import SharedPlanning
import Sharing

/// This board's part of a plan that shares operators, ready to run.
struct LoadedSharing: Sendable {
    struct Segment: Sendable {
        let session: InferenceSession
        let flop: Double
    }

    let program: SharedDeviceProgram
    /// The board of each device.
    let nodes: [NodeID]
    let source: NodeID
    let segments: [Segment]
}

extension PlanLoader {
    /// Compiles the sharing of a plan and loads this board's segments; they alone are in the program that comes back.
    func load(
        _ sharing: Plan.Sharing, _ request: PrepareRequest, _ model: ImportedModel, from peers: [NodeID]
    ) throws -> (sharing: LoadedSharing, program: PlanProgram, receivedBytes: Int) {
        let record = request.record
        guard model.graph.inputs.count == 1, model.graph.outputs.count == 1 else {
            throw ProgramError(
                "model \(record.model.name) has \(model.graph.inputs.count) inputs and \(model.graph.outputs.count) "
                    + "outputs; models with one of each can be run")
        }
        var nodes: [NodeID] = []
        for device in sharing.devices {
            guard let placement = request.placements.first(where: { $0.device == device }) else {
                throw ProgramError("plan \(record.id) uses device \(device), of which no board is known")
            }
            guard !nodes.contains(placement.node) else {
                throw ProgramError("plan \(record.id) shares operators between two devices of board \(placement.node)")
            }
            nodes.append(placement.node)
        }
        guard let device = nodes.firstIndex(of: node) else {
            throw ProgramError("plan \(record.id) has no device of board \(node)")
        }
        let shared = SharedGraph(model.graph)
        let program = try SharedProgram(try sharing.assignment(), shared)
        try program.verify(shared)
        let own = SharedDeviceProgram(program, device: device, of: shared)
        var receivedBytes = 0
        var cut: [RegionSegment] = []
        var steps: [ProgramSegment] = []
        for case .run(let index, let segment) in own.steps {
            cut.append(try model.segment(segment, of: shared))
            steps.append(try step(index, segment, sharing.devices[device], shared))
        }
        try checkMemory(steps)
        // All weights first: a plan that cannot have them is refused before any session takes memory.
        for weight in cut.flatMap(\.weights) {
            receivedBytes += try fetcher.fetch(weight.sha256, byteCount: weight.byteCount, from: peers)
        }
        var segments: [LoadedSharing.Segment] = []
        for (index, segment) in cut.enumerated() {
            if fetcher.cancellation.isCancelled { throw TransportError("the plan is not wanted any more") }
            let session = try warmSession(
                segment.modelBytes, hasWeights: !segment.weights.isEmpty,
                name: "part \(index) of model \(record.model.name)")
            segments.append(.init(session: session, flop: steps[index].flop))
        }
        let chain = PlanProgram(
            plan: record.id, model: record.model.name, segments: steps, source: nodes[program.source],
            destination: nodes[program.destination])
        return (
            LoadedSharing(program: own, nodes: nodes, source: nodes[program.source], segments: segments), chain,
            receivedBytes
        )
    }

    /// A run of this board as reports of plans name it. It may stand between layers, so that it names none.
    private func step(
        _ index: Int, _ segment: SharedSegment, _ device: DeviceID, _ shared: SharedGraph
    ) throws -> ProgramSegment {
        let needs = try segment.parts.map { try shared.needs($0.position, $0.region) }
        let weights = Set(needs.flatMap(\.weights))
        let first = segment.parts.first?.position ?? 0
        let last = segment.parts.last?.position ?? first
        return ProgramSegment(
            index: index, device: device, node: node, layers: 0..<0, operators: first..<last + 1,
            inputTensor: segment.inputs.first?.tensor ?? "", outputTensor: segment.outputs.first?.tensor ?? "",
            flop: needs.reduce(0) { $0 + $1.flop }, weightBytes: weights.reduce(0) { $0 + shared.byteCount($1) },
            activationPeakBytes: needs.map { part in
                (part.inputs + part.outputs).reduce(0) { $0 + shared.byteCount($1) }
            }.max() ?? 0)
    }
}
