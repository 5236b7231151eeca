import Agent
import Board
import Cluster
import Costs
import Foundation
import MQTT
import TestKit
import Testing

/// A cluster of real processes for one test: broker, agents, runners; gone when the test is.
struct ClusterUnderTest {
    /// Nothing here takes long; a machine under load may.
    static let patience: Duration = .seconds(90)

    let cluster: LocalCluster
    let broker: BrokerAddress
    let folder: String
    let digits: Digits

    /// Brings up the first `boards` boards of the demo's scenario with the digits model, and hands them to the body
    /// when a plan is in force. The board at which requests enter does not lead, so that the leader can be killed.
    ///
    /// - Parameter adjust: what the test changes about the scenario and about how the boards plan.
    static func run(
        _ name: String, boards: Int = 3,
        adjust: (inout ClusterFile, inout AgentConfiguration.Planner) -> Void = { _, _ in },
        body: @Sendable (ClusterUnderTest, PlanRecord) async throws -> Void
    ) async throws {
        var scenario = try ClusterFile.load(Repository.path("firmware-config/demo.toml"))
        scenario.devices = Array(scenario.devices.prefix(boards))
        let ids = Set(scenario.devices.map(\.id))
        scenario.links = scenario.links.filter { ids.isSuperset(of: $0.between) }
        var planner = AgentConfiguration.Planner()
        adjust(&scenario, &planner)
        let folder = try Repository.makeTemporaryFolder(name)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = try await LocalCluster.prepare(
            program: Repository.program, scenario: scenario, folder: folder, ineligible: [Digits.source],
            planner: planner)
        do {
            try await cluster.startAll()
            let test = ClusterUnderTest(
                cluster: cluster, broker: BrokerAddress(host: "127.0.0.1", port: await cluster.brokerPort),
                folder: folder, digits: try Digits.load())
            _ = try await test.until("every board and a leader") { known in
                known.liveLeader != nil && known.boards.count { $0.capabilities?.frontDoor != nil } == boards
            }
            _ = try await ModelUploader(endpoint: try await test.frontDoor()).upload(
                path: Repository.path("Tests/Fixtures/digits/digits.onnx"), name: Digits.model)
            let known = try await test.until("a plan") { $0.plan(Digits.model) != nil }
            try await body(test, try #require(known.plan(Digits.model)))
        } catch {
            for node in await cluster.nodes {
                let log = try? String(contentsOfFile: "\(folder)/\(node)/agent.log", encoding: .utf8)
                print("--- \(node)\n\(log ?? "no log")")
            }
            await cluster.stop()
            throw error
        }
        let unclean = await cluster.stop()
        #expect(unclean.isEmpty, "boards that did not stop cleanly: \(unclean)")
    }

    /// Waits for something to be true of the cluster as the broker tells it.
    func until(_ what: String, _ isTrue: @escaping @Sendable (ObservedCluster) -> Bool) async throws -> ObservedCluster
    {
        let observer = try ClusterObserver(broker: broker, cluster: cluster.name, purpose: "test")
        let seen: ObservedCluster? = try await observer.run(until: .now + Self.patience) { _, known in
            isTrue(known) ? known : nil
        }
        return try #require(seen, "waited in vain for \(what)")
    }

    /// The front door of the board at which requests enter.
    func frontDoor() async throws -> Endpoint {
        let known = try await until("the source's front door") {
            $0.board(Digits.source)?.capabilities?.frontDoor != nil
        }
        return try #require(known.board(Digits.source)?.capabilities?.frontDoor)
    }

    /// Sends images and checks that each was answered, with the answer of the whole model.
    func sendImages(_ count: Int, concurrency: Int = 4, progress: @escaping @Sendable (Int) -> Void = { _ in })
        async throws
    {
        let client = InferenceClient(endpoint: try await frontDoor(), model: Digits.model, concurrency: concurrency)
        let indices = (0..<count).map { $0 % digits.images.count }
        let outcomes = await client.run(indices.map { digits.images[$0] }, progress: progress)
        #expect(outcomes.count == count)
        for outcome in outcomes {
            let answer = try outcome.result.get()
            #expect(answer.output.floats.largestIndex == digits.unsplit[indices[outcome.index]])
        }
    }
}
