import Agent
import Cluster
import Costs
import TestbedKit

/// A bed with agents that serve a model.
struct RunningBed: Sendable {
    static let model = "digits"

    let bed: Testbed
    let inputs: [NPYArray]

    /// Brings the boards named up with agents and a model, hands them to the body, and takes all away.
    static func with(
        _ boards: [NodeID], adjust: (inout Scenario) -> Void = { _ in },
        planner: AgentConfiguration.Planner = .init(),
        model file: String? = nil, body: (RunningBed, PlanRecord) async throws -> Void
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
        let bed = try await Testbed.start(
            scenario, options: TestbedOptions(program: Beds.program, planner: planner, keepsFolder: Beds.keepsFolders))
        do {
            try await bed.untilBoardsAreUp()
            let path = try await bed.modelFile()
            let plan = try await bed.addModel(path: path, name: model)
            let inputs = try ModelInputs.load(model: path, input: scenario.run.input)
            try await body(RunningBed(bed: bed, inputs: inputs), plan)
        } catch {
            await bed.stop()
            throw error
        }
        await bed.stop()
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

    /// The median of sorted figures.
    static func median(_ sorted: [Double]) -> Double { sorted[sorted.count / 2] }

    /// What a board says is out of order.
    func conditions(_ node: NodeID, contain text: String) async throws {
        _ = try await bed.until("\(node) to say '\(text)'") { known in
            (known.board(node)?.capabilities?.conditions ?? []).contains { $0.contains(text) }
        }
    }
}
