import Agent
import Board
import Cluster
import Costs
import Glibc
import MQTT

extension Testbed {
    /// Nothing here takes long; boards of a tenth of a core do.
    public static let patience: Duration = .seconds(120)

    /// Waits for something to be true of the cluster as the broker tells it.
    ///
    /// - Throws: `TestbedError` where it does not become true in time.
    public nonisolated func until(
        _ what: String, within patience: Duration = Testbed.patience,
        _ isTrue: @escaping @Sendable (ObservedCluster) -> Bool
    ) async throws -> ObservedCluster {
        let observer = try ClusterObserver(broker: broker, cluster: clusterName, purpose: "testbed")
        let seen: ObservedCluster? = try await observer.run(until: .now + patience) { _, known in
            isTrue(known) ? known : nil
        }
        guard let seen else { throw TestbedError("waited \(patience) in vain for \(what); see \(folder)/*/agent.log") }
        return seen
    }

    /// Waits until every board is there and one leads.
    @discardableResult
    public nonisolated func untilBoardsAreUp() async throws -> ObservedCluster {
        let count = boards.count
        return try await until("every board and a leader") { known in
            known.liveLeader != nil && known.boards.count { $0.capabilities?.frontDoor != nil } == count
        }
    }

    /// Where requests enter.
    public nonisolated func source() throws -> TestbedBoard {
        let id = scenario.cluster.application.source
        guard let device = scenario.cluster.devices.first(where: { $0.id == id }) else {
            throw TestbedError("the source '\(id)' is no device of the scenario")
        }
        return try board(device.node)
    }

    /// The scenario's model with weights, filled with random ones where the scenario gives a seed: once for a bed.
    ///
    /// - Throws: `TestbedError` where the scenario names none, or it cannot be filled.
    public nonisolated func modelFile() async throws -> String {
        guard let model = scenario.run.model else {
            throw TestbedError("the scenario names no model; give '[testbed] model'")
        }
        guard let seed = scenario.run.weightsSeed else { return model }
        let filled = "\(folder)/model"
        let name = model.split(separator: "/").last.map(String.init) ?? model
        guard !FileBytes.exists("\(filled)/\(name)") else { return "\(filled)/\(name)" }
        try await SystemCommand.run([program, "model", "fill", model, "--output", filled, "--seed", "\(seed)"])
        return "\(filled)/\(name)"
    }

    /// Adds a model at the source and waits for its first plan.
    public nonisolated func addModel(path: String, name: String) async throws -> PlanRecord {
        _ = try await ModelUploader(endpoint: try source().frontDoor).upload(path: path, name: name)
        let known = try await until("a plan for \(name)") { $0.plan(name) != nil }
        guard let plan = known.plan(name) else { throw TestbedError("the plan for \(name) vanished") }
        return plan
    }

    /// Says what a grid zone emits, retained, as a feed would.
    public nonisolated func setCarbon(zone: String, intensityGPerKwh: Double, validS: Double = 3600) async throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nowS = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
        let record = ZoneCarbon(
            zone: zone, intensityGPerKwh: intensityGPerKwh, at: UTCTime.string(secondsSince1970: nowS),
            validUntil: UTCTime.string(secondsSince1970: nowS + validS), source: "test bed")
        try await publish(try OutboundMessage.zoneCarbon(record).publication(in: clusterName))
    }

    /// Publishes one message and returns when the broker has it.
    public nonisolated func publish(_ publication: MQTTPublication) async throws {
        let (events, continuation) = AsyncStream.makeStream(
            of: MQTTEvent.self, bufferingPolicy: .bufferingOldest(256))
        let name = "testbed-\(getpid())-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
        let client = try MQTTClient(MQTTSettings(host: broker.host, port: broker.port, clientID: name)) { event in
            continuation.yield(event)
            if event == .stopped { continuation.finish() }
        }
        var failure: String?
        follow: for await event in events {
            switch event {
            case .connected:
                do {
                    try client.publish(publication)
                } catch { failure = error.description }
                // An orderly stop sends what is queued first.
                break follow
            case .disconnected(let reason):
                failure = reason
                break follow
            default: break
            }
        }
        await client.stop()
        if let failure { throw TestbedError("\(publication.topic) was not sent to \(broker): \(failure)") }
    }

    /// Does what an event says, now.
    public nonisolated func perform(_ kind: ScenarioEvent.Kind) async throws {
        switch kind {
        case .link(let first, let second, let bytesPerS): try await setLink(first, second, bytesPerS: bytesPerS)
        case .carbon(let zone, let intensity, let validS):
            try await setCarbon(zone: zone, intensityGPerKwh: intensity, validS: validS)
        case .fault(let node, let fault): try board(node).inject(fault)
        case .heal(let node, let fault): try board(node).heal(fault)
        case .ambient(let node, let ambientC): try board(node).setAmbient(ambientC)
        case .temperature(let node, let temperatureC): try board(node).heat(to: temperatureC)
        case .memory(let node, let bytes): try board(node).setMemory(bytes: bytes)
        case .process(let node, let action): try await board(node).act(action)
        }
    }
}
