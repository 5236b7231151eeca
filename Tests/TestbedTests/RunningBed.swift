import Agent
import Cluster
import Costs
import Foundation
import MQTT
import TestbedKit
import Testing

/// A bed with agents that serve a model.
struct RunningBed: Sendable {
    static let model = "digits"

    let bed: Testbed
    let inputs: [NPYArray]

    /// Brings the boards named up with agents and a model, hands them to the body, and takes all away.
    ///
    /// - Parameter before: what is done to the boards before any agent runs.
    static func with(
        _ boards: [NodeID], adjust: (inout Scenario) -> Void = { _ in },
        planner: AgentConfiguration.Planner = .init(),
        model file: String? = nil, before: (Testbed) async throws -> Void = { _ in },
        body: (RunningBed, PlanRecord) async throws -> Void
    ) async throws {
        var scenario = try Scenario.load(Files.path("Tests/Testbed/Scenarios/link.toml"))
        scenario.boards.removeAll { !boards.contains($0.node) }
        scenario.cluster.devices.removeAll { !boards.contains($0.node) }
        let ids = Set(scenario.cluster.devices.map(\.id))
        scenario.cluster.links.removeAll { !ids.isSuperset(of: $0.between) }
        // One board must be able to lead.
        if boards.count == 1 { for index in scenario.boards.indices { scenario.boards[index].eligible = true } }
        scenario.events = []
        if let file {
            scenario.run.model = Files.path("Tests/Fixtures/models/\(file)")
            scenario.run.weightsSeed = 1
            scenario.run.input = nil
        }
        adjust(&scenario)
        let bed = try await Testbed.prepare(
            scenario, options: TestbedOptions(program: Beds.program, planner: planner, keepsFolder: Beds.keepsFolders))
        do {
            try await before(bed)
            for board in bed.boards { try await board.startAgent() }
            try await bed.untilBoardsAreUp()
            // Measuring what a runner holds takes a small board seconds of its time.
            let count = bed.boards.count
            _ = try await bed.until("what runners hold") { known in
                known.boards.count { $0.capabilities?.devices.allSatisfy { $0.runtimeBytes != nil } == true } == count
            }
            let path = try await bed.modelFile()
            let plan = try await bed.addModel(path: path, name: model)
            let inputs = try ModelInputs.load(model: path, input: scenario.run.input)
            try await body(RunningBed(bed: bed, inputs: inputs), plan)
        } catch {
            // The folder goes with the bed, and the next bed takes what is kept of it.
            for board in bed.boards { print("\(board.node) said last:\n\(lastWords(of: board))") }
            await bed.stop()
            throw error
        }
        await bed.stop()
    }

    /// The end of what a board's agent wrote.
    private static func lastWords(of board: TestbedBoard, lines: Int = 40) -> String {
        let text = (try? String(contentsOfFile: board.logPath, encoding: .utf8)) ?? "nothing"
        return text.split(separator: "\n").suffix(lines).map { "  \($0)" }.joined(separator: "\n")
    }

    /// Requests one after another; each must be answered.
    ///
    /// - Returns: their latencies in seconds, sorted.
    @discardableResult
    func ask(_ count: Int, concurrency: Int = 1) async throws -> [Double] {
        let client = InferenceClient(
            endpoint: try bed.source().frontDoor, model: Self.model, concurrency: concurrency)
        let requests = (0..<count).map { inputs[$0 % inputs.count] }
        return try await client.run(requests).map { try $0.result.get().latencyS }.sorted()
    }

    /// Waits until the board where requests enter has published the latencies of so many requests of a plan.
    ///
    /// - Returns: false where another plan came into force before that.
    func untilMeasured(_ count: Int, by plan: PlanID) async throws -> Bool {
        let node = try bed.source().node
        let observer = try ClusterObserver(
            broker: bed.broker, cluster: bed.clusterName, purpose: "testbed",
            filters: try Topic.watchFilters(in: bed.clusterName, withMetrics: true))
        let seen: Bool? = try await observer.run(until: .now + Testbed.patience) { _, known in
            if let inForce = known.plan(Self.model), inForce.id != plan { return false }
            let requests = known.board(node)?.metrics?.requests.first { $0.plan == plan }
            return requests.map { $0.count >= count } == true ? true : nil
        }
        guard let seen else {
            throw TestbedError("waited in vain for \(node) to say what \(count) requests of plan \(plan) took")
        }
        return seen
    }

    /// Waits for an event of a plan, as `lamella watch` shows it. Listens when it returns.
    ///
    /// - Parameter kinds: nil: any.
    func event(
        _ kinds: Set<PlanEvent.Kind>?, of model: String = RunningBed.model, contain text: String
    ) async -> Task<PlanEvent, any Error> {
        let (listening, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task { [bed] in
            defer { continuation.finish() }
            let observer = try ClusterObserver(broker: bed.broker, cluster: bed.clusterName, purpose: "testbed")
            let event: PlanEvent? = try await observer.run(until: .now + Testbed.patience) { observation, _ in
                if case .caughtUp = observation { continuation.finish() }
                guard case .changed(.planEvent(let event)) = observation, kinds?.contains(event.event) ?? true,
                    event.model == model, event.reason.contains(text)
                else { return nil }
                return event
            }
            guard let event else {
                throw TestbedError("waited in vain for an event \(kinds.map { "of \($0) " } ?? "")that says '\(text)'")
            }
            return event
        }
        for await _ in listening {}
        return task
    }

    /// Asks for a plan, as a person would, and returns it when it is in force.
    ///
    /// - Parameter tag: what the request says as its reason, by which its plan is known.
    func plan(_ tag: String, as request: ReplanRequest) async throws -> PlanRecord {
        try await publish(request, tag)
        return try await planInForce(tag) { $0.reason.contains(tag) }
    }

    /// Asks for a plan, as a person would, and returns the one that is in force then: where it is already what was
    /// asked for, it stays.
    ///
    /// - Parameter tag: what the request says as its reason, by which the answer is known.
    func decision(_ tag: String, as request: ReplanRequest) async throws -> PlanRecord {
        let decided = await event([.committed, .kept], contain: tag)
        try await publish(request, tag)
        let id = try #require(try await decided.value.plan)
        return try await planInForce(tag) { $0.id == id }
    }

    /// Waits for a plan to be in force.
    ///
    /// - Parameter what: names it where it is waited for in vain.
    func planInForce(
        _ what: String = "a plan", where isMeant: @escaping @Sendable (PlanRecord) -> Bool = { _ in true }
    ) async throws -> PlanRecord {
        let known = try await bed.until(what) { $0.plan(Self.model).map(isMeant) ?? false }
        return try #require(known.plan(Self.model))
    }

    /// Asks, as a person would, that a layer in the middle of a plan runs on a device, whatever is best; returns when
    /// the broker has it.
    func pin(_ plan: PlanRecord, to device: DeviceID) async throws {
        let inner = plan.modelLayers.map(\.name)
        let request = ReplanRequest(
            model: plan.model.name, pins: [LayerPin(layer: inner[inner.count / 2], device: device)])
        try await publish(request, "\(device) shall have a part")
    }

    private func publish(_ request: ReplanRequest, _ reason: String) async throws {
        var request = request
        request.reason = reason
        try await bed.publish(try OutboundMessage.replan(request).publication(in: bed.clusterName))
    }

    /// The median of sorted figures.
    static func median(_ sorted: [Double]) -> Double { sorted[sorted.count / 2] }

    /// What a board says is out of order.
    func conditions(_ node: NodeID, contain text: String) async throws {
        _ = try await bed.until("\(node) to say '\(text)'") { known in
            (known.board(node)?.capabilities?.conditions ?? []).contains { $0.contains(text) }
        }
    }
}
