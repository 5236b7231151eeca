import Cluster
import ModelGraph
import NIOPosix
import ONNXImport
import Runtime

/// What the control plane knows of a model: its layers, and what enters and leaves it.
package struct KnownModel: Sendable {
    var layers: [GraphLayer]
    var inputs: [TensorDescription]
    var outputs: [TensorDescription]

    struct TensorDescription: Sendable, Equatable {
        var name: String
        var elementType: ElementType
        var shape: [Int]
        var byteCount: Int
    }

    var inputBytes: Int { inputs.reduce(0) { $0 + $1.byteCount } }
}

/// The graphs of the cluster's models that this board has, read once each.
package actor ModelLibrary {
    /// Graphs kept in memory; beyond that the one read first is dropped.
    static let maximumModels = 64

    let store: WeightStore
    let granularity: LayerGranularity
    private var known: [String: KnownModel] = [:]
    private var order: [String] = []
    /// Solves that wait for a graph that is on its way to this board.
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    package init(store: WeightStore, granularity: LayerGranularity) {
        self.store = store
        self.granularity = granularity
    }

    func holdsGraph(of model: ModelRecord) -> Bool {
        known[model.graphSHA256] != nil || store.contains(model.graphSHA256)
    }

    /// Returns once the graph is on this board, or the task is cancelled.
    func waitForGraph(of model: ModelRecord) async {
        guard !holdsGraph(of: model) else { return }
        let sha256 = model.graphSHA256
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The graph or the cancellation may have come in between.
                if Task.isCancelled || holdsGraph(of: model) {
                    continuation.resume()
                } else {
                    waiting[sha256, default: []].append(continuation)
                }
            }
        } onCancel: {
            Task { await self.arrived(sha256) }
        }
    }

    /// Lets those go on who wait for this graph; they look again themselves.
    func arrived(_ sha256: String) {
        waiting.removeValue(forKey: sha256)?.forEach { $0.resume() }
    }

    /// - Throws: where the graph is not on this board yet, or cannot be read.
    func model(_ record: ModelRecord) async throws -> KnownModel {
        if let model = known[record.graphSHA256] { return model }
        let store = store
        let granularity = granularity
        let model = try await NIOThreadPool.singleton.runIfActive {
            let graphFile = try store.bytes(of: record.graphSHA256)
            return Self.describe(try ImportedModel.load(graphFile: graphFile).graph, granularity: granularity)
        }
        known[record.graphSHA256] = model
        order.append(record.graphSHA256)
        if order.count > Self.maximumModels { known[order.removeFirst()] = nil }
        return model
    }

    /// The file of a model's graph, for a process that reads it itself.
    nonisolated func graphFile(of record: ModelRecord) -> String { store.path(of: record.graphSHA256) }

    /// What shared plans are priced with; not kept, since it is wanted once in a solve.
    ///
    /// - Throws: where the graph cannot be read.
    nonisolated func graph(of record: ModelRecord) async throws -> (graph: ModelGraph, layers: [GraphLayer]) {
        let store = store
        let granularity = granularity
        return try await NIOThreadPool.singleton.runIfActive {
            let graph = try ImportedModel.load(graphFile: try store.bytes(of: record.graphSHA256)).graph
            return (graph, graph.layers(granularity))
        }
    }

    private static func describe(_ graph: ModelGraph, granularity: LayerGranularity) -> KnownModel {
        func describe(_ names: [String]) -> [KnownModel.TensorDescription] {
            names.compactMap { name in
                graph.tensors[name].map {
                    KnownModel.TensorDescription(
                        name: name, elementType: $0.type.elementType, shape: $0.type.shape, byteCount: $0.byteCount)
                }
            }
        }
        return KnownModel(
            layers: graph.layers(granularity), inputs: describe(graph.inputs), outputs: describe(graph.outputs))
    }
}
