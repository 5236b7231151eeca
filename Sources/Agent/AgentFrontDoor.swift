import Cluster
import Costs
import JSON
import NIOPosix
import ONNXImport
import Runtime

/// What stands behind the front door: requests go to the desk, models to the store and the cluster.
struct AgentFrontDoor: FrontDoorHandler {
    let agent: Agent
    let desk: RequestDesk
    let models: ModelLibrary
    let mailbox: AgentMailbox

    func infer(model: String, input: NPYArray, requestID: String) async throws(FrontDoorError) -> InferenceAnswer {
        try await desk.infer(model: model, input: input, requestID: requestID)
    }

    func putModel(name: String, graphFile: [UInt8]) async throws(FrontDoorError) -> ModelRecord {
        let store = models.store
        let checked: (sha256: String, weightBytes: Int)
        do {
            checked = try await NIOThreadPool.singleton.runIfActive {
                let model: ImportedModel
                do {
                    model = try ImportedModel.load(graphFile: graphFile)
                } catch {
                    throw FrontDoorError(.badRequest, "model \(name): \(error)")
                }
                let weights = try model.segment(operators: model.graph.operators.indices).weights
                let missing = weights.filter { store.byteCount(of: $0.sha256) != $0.byteCount }
                guard missing.isEmpty else {
                    throw FrontDoorError(
                        .missingBlobs,
                        "model \(name): \(missing.count) of its \(weights.count) weights are not on this board; "
                            + "upload them first")
                }
                return (try store.put(graphFile), model.graph.weightBytes)
            }
        } catch let error as FrontDoorError {
            throw error
        } catch let error as WeightStoreError {
            throw FrontDoorError(error.kind == .full ? .storageFull : .internalError, "model \(name): \(error)")
        } catch {
            throw FrontDoorError(.internalError, "model \(name): \(error)")
        }
        return try await agent.addModel(
            name: name, graphSHA256: checked.sha256, graphBytes: graphFile.count, weightBytes: checked.weightBytes)
    }

    func removeModel(name: String) async throws(FrontDoorError) {
        guard try await agent.removeModel(name: name) else {
            throw FrontDoorError(.unknownModel, "there is no model \(name); see GET /v1/models")
        }
    }

    func models() async -> [ModelRecord] { await agent.view.models }

    func status() async -> JSONValue { await agent.status() }
}

extension Agent {
    var view: ClusterView { member.view }

    /// Announces a model whose graph and weights are on this board.
    func addModel(
        name: String, graphSHA256: String, graphBytes: Int, weightBytes: Int
    ) async throws(FrontDoorError) -> ModelRecord {
        try refuseWhileStopping()
        let device = configuration.device[0].id
        let version = (member.view.models.first { $0.name == name }?.version ?? 0) + 1
        let record = ModelRecord(
            name: name, version: version, graphSHA256: graphSHA256, graphBytes: graphBytes, weightBytes: weightBytes,
            holders: [configuration.node], source: device, destination: device)
        await mailbox.postWhenRoom(.modelAdded(record))
        return record
    }

    /// False where there is none of that name.
    func removeModel(name: String) async throws(FrontDoorError) -> Bool {
        try refuseWhileStopping()
        guard var record = member.view.models.first(where: { $0.name == name }) else { return false }
        record.version += 1
        record.removed = true
        await mailbox.postWhenRoom(.modelAdded(record))
        return true
    }

    private func refuseWhileStopping() throws(FrontDoorError) {
        guard settling != nil || stopping else { return }
        throw FrontDoorError(.unavailable, "board \(configuration.node) is stopping and takes no changes to models")
    }

    /// What `GET /v1/status` answers: the cluster as this board sees it.
    func status() -> JSONValue {
        (try? JSON.value(of: member.view)) ?? .null
    }
}
