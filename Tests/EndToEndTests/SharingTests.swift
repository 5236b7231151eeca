import Agent
import Board
import Cluster
import Costs
import Foundation
import MQTT
import ModelGraph
import NIOCore
import ONNXImport
import Runtime
import TestKit
import Testing

/// Boards that share operators, as real processes around a real broker: the answers are the unsplit model's, and the
/// loss of a board costs none of them.
@Suite(.serialized) struct SharingTests {
    /// Equal boards with room for everything, and a network on which sharing pays.
    private static func equalBoards(
        _ flops: Double, _ choice: SharingChoice
    ) -> (inout ClusterFile, inout AgentConfiguration.Planner) -> Void {
        { scenario, planner in
            for index in scenario.devices.indices {
                scenario.devices[index].flops = flops
                scenario.devices[index].memoryBandwidthBytesPerS = 1e10
                scenario.devices[index].memoryBytes = 400_000_000
            }
            for index in scenario.links.indices {
                scenario.links[index].bandwidthBytesPerS = 50e6
                scenario.links[index].latencyS = 0.0001
            }
            planner.sharing = choice
        }
    }

    /// A plan in which so many boards compute parts of the same operators.
    private static func isShared(_ record: PlanRecord?, by count: Int) -> Bool {
        guard let sharing = record?.plan.sharing, sharing.devices.count == count else { return false }
        return sharing.layouts.contains { layout in layout.count { $0 != nil } == count }
    }

    /// Sends inputs and gives the largest relative difference of an answer from the unsplit model's.
    private static func send(
        _ inputs: [NPYArray], to model: String, _ test: ClusterUnderTest, expected: [[Float]],
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Double {
        let client = InferenceClient(
            endpoint: try await test.frontDoor(), model: model, concurrency: 4, deadline: .seconds(90))
        var worst = 0.0
        for outcome in await client.run(inputs, progress: progress) {
            let answer = try outcome.result.get().output.floats
            let right = expected[outcome.index]
            let scale = right.map { abs(Double($0)) }.max() ?? 0
            let difference = zip(answer, right).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
            #expect(answer.count == right.count)
            worst = max(worst, difference / max(scale, 1e-30))
        }
        return worst
    }

    /// A board that is neither the source nor leads.
    private static func worker(_ test: ClusterUnderTest, _ plan: PlanRecord) async throws -> NodeID {
        let leader = try await test.until("a leader") { $0.liveLeader != nil }.liveLeader?.node
        return try #require(plan.participants.first { $0 != Digits.source && $0 != leader })
    }

    @Test func `three boards share the digits model, a killed one is replaced by a plan of two`() async throws {
        try await ClusterUnderTest.run("share", adjust: Self.equalBoards(500e6, .on)) { test, _ in
            let known = try await test.until("a plan shared by three") {
                Self.isShared($0.plan(Digits.model), by: 3)
            }
            let plan = try #require(known.plan(Digits.model))
            #expect(plan.participants.count == 3)
            let path = Repository.path("Tests/Fixtures/digits/digits.onnx")
            let images = Array(test.digits.images.prefix(60))
            let right = try WholeModel.outputs(of: images, path: path)
            let exact = try await Self.send(images, to: Digits.model, test, expected: right)
            #expect(exact <= 1e-4)
            let worker = try await Self.worker(test, plan)
            let killing = Killing(cluster: test.cluster, node: worker)
            let many = (0..<300).map { images[$0 % images.count] }
            let during = try await Self.send(
                many, to: Digits.model, test, expected: (0..<300).map { right[$0 % right.count] }
            ) { answered in
                if answered == 100 { killing.start() }
            }
            #expect(during <= 1e-4)
            await killing.finished()
            let after = try await test.until("a plan shared by the other two") {
                $0.plan(Digits.model).map { !$0.participants.contains(worker) } ?? false
                    && Self.isShared($0.plan(Digits.model), by: 2)
            }
            #expect(try #require(after.plan(Digits.model)).id > plan.id)
            let later = try await Self.send(images, to: Digits.model, test, expected: right)
            #expect(later <= 1e-4)
            print("digits shared by 3 boards: differences \(exact), \(during) while one is killed, \(later) after")
        }
    }

    @Test func `three boards share SqueezeNet, and two do when one is killed`() async throws {
        try await ClusterUnderTest.run("share-large", adjust: Self.equalBoards(3e9, .on)) { test, _ in
            let model = try ImportedModel.load(path: Repository.path("Tests/Fixtures/models/squeezenet1_1.onnx"))
            let path = try model.fillWeights(seed: 3, into: test.folder + "/filled").graphFile
            _ = try await ModelUploader(endpoint: try await test.frontDoor()).upload(path: path, name: "squeezenet")
            let known = try await test.until("a plan shared by three") { Self.isShared($0.plan("squeezenet"), by: 3) }
            let plan = try #require(known.plan("squeezenet"))
            let inputs = try (0..<4).map { try Self.image(model.graph, seed: UInt64($0)) }
            let right = try WholeModel.outputs(of: inputs, path: path)
            let exact = try await Self.send(inputs, to: "squeezenet", test, expected: right)
            #expect(exact <= 1e-4)
            let worker = try await Self.worker(test, plan)
            await test.cluster.kill(worker)
            _ = try await test.until("a plan shared by the other two") { Self.isShared($0.plan("squeezenet"), by: 2) }
            let later = try await Self.send(inputs, to: "squeezenet", test, expected: right)
            #expect(later <= 1e-4)
            print("SqueezeNet shared by 3 boards: difference \(exact), by the 2 left \(later)")
        }
    }

    @Test func `a person turns sharing on and off with replan, and auto takes what is faster`() async throws {
        try await ClusterUnderTest.run("share-asked", adjust: Self.equalBoards(500e6, .off)) { test, plan in
            #expect(plan.plan.sharing == nil)
            for (choice, isShared) in [("auto", true), ("off", false), ("on", true)] {
                try Processes.run(
                    Repository.program,
                    [
                        "replan", "--model", Digits.model, "--sharing", choice, "--cluster", test.cluster.name,
                        "--broker", "127.0.0.1:\(test.broker.port)",
                    ])
                let known = try await test.until("a plan as asked") {
                    $0.plan(Digits.model).map { ($0.plan.sharing != nil) == isShared } ?? false
                }
                #expect(known.plan(Digits.model)?.goal?.sharing?.rawValue == choice)
                try await test.sendImages(20)
            }
        }
    }

    private static func image(_ graph: ModelGraph, seed: UInt64) throws -> NPYArray {
        let shape = try #require(graph.inputs.first.flatMap { graph.tensors[$0]?.type.shape })
        var generator = SeededGenerator(seed: seed)
        let floats = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) }
        return try NPYArray(
            elementType: .float32, shape: shape, bytes: floats.withUnsafeBytes { Array($0) })
    }
}
