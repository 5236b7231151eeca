import Cluster
import Costs
import ModelGraph
import ONNXImport
import Runtime

/// Plans made by hand, for tests that need none that is good.
enum Plans {
    static func record(
        layers: [String], devices: [DeviceID], source: DeviceID, destination: DeviceID, pseudo: Bool,
        id: PlanID = PlanID(term: 1, leader: "A", sequence: 1), model: ModelRecord? = nil,
        granularity: LayerGranularity = .layer, participants: [NodeID] = []
    ) -> PlanRecord {
        var planned = zip(layers, devices).map { ($0, $1) }
        if pseudo { planned = [("source", source), ("preprocess", source)] + planned + [("destination", destination)] }
        return PlanRecord(
            id: id,
            model: model
                ?? ModelRecord(
                    name: "digits", version: 1, graphSHA256: String(repeating: "0", count: 64), graphBytes: 1,
                    weightBytes: 1, holders: [], source: source, destination: destination),
            participants: participants, granularity: granularity, reason: "a test",
            plan: Plan(
                planner: "by hand", objective: .latency, latencyS: 0, computeS: 0, transferS: 0, weightsS: 0,
                layers: planned.enumerated().map { .init(index: $0.offset, name: $0.element.0, device: $0.element.1) },
                devices: [], solveS: 0, bound: nil, gap: nil, singleDevice: nil, inputs: []))
    }
}

/// A model in the content-addressed form, in a store.
struct StoredModel {
    let model: ImportedModel
    let graphSHA256: String
    let graphBytes: Int
    let weightBytes: Int

    /// Puts the graph and all weights of a file into the store.
    init(path: String, into store: WeightStore) throws {
        let original = try ImportedModel.load(path: path)
        let (graphFile, weights) = try original.contentAddressed()
        graphSHA256 = try store.put(graphFile)
        graphBytes = graphFile.count
        var total = 0
        for weight in weights {
            try weight.withBytes { try store.put($0, sha256: weight.sha256) }
            total += weight.byteCount
        }
        weightBytes = total
        model = try ImportedModel.load(graphFile: graphFile)
    }

    func record(name: String, holders: [NodeID], source: DeviceID, destination: DeviceID) -> ModelRecord {
        ModelRecord(
            name: name, version: 1, graphSHA256: graphSHA256, graphBytes: graphBytes, weightBytes: weightBytes,
            holders: holders, source: source, destination: destination)
    }
}
