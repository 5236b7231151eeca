import Agent
import Cluster
import Costs
import Foundation
import Logging
import ModelGraph
import NIOPosix
import ONNXImport
import Runtime
import Synchronization
import TestKit
import Testing

/// A desk without a runner: requests that it takes wait for one.
private struct DeskFixture {
    let desk: RequestDesk
    let input: NPYArray
    let other: NPYArray

    /// - Parameter deadline: of a request.
    static func run(
        deadline: Duration = .seconds(60), logger: Logger = Logger(label: "test"),
        _ body: (DeskFixture) async throws -> Void
    ) async throws {
        let folder = try Repository.makeTemporaryFolder("desk")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try WeightStore(directory: folder)
        let model = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx"))
        let graphFile = try model.contentAddressed().graphFile
        let sha256 = try store.put(graphFile)
        let desk = RequestDesk(
            node: "a", devices: ["a"], host: "127.0.0.1", models: ModelLibrary(store: store, granularity: .layer),
            deadline: deadline, group: MultiThreadedEventLoopGroup.singleton, logger: logger,
            deliver: { _ in })
        func record(_ name: String, source: DeviceID) -> ModelRecord {
            ModelRecord(
                name: name, version: 1, graphSHA256: sha256, graphBytes: graphFile.count, weightBytes: 0,
                holders: ["a"], source: source, destination: source)
        }
        await desk.modelsChanged([record("digits", source: "a"), record("elsewhere", source: "b")])
        let shape = try #require(model.graph.inputs.first.flatMap { model.graph.tensors[$0]?.type.shape })
        let count = 4 * shape.reduce(1, *)
        func array(_ byte: UInt8) throws -> NPYArray {
            try NPYArray(elementType: .float32, shape: shape, bytes: [UInt8](repeating: byte, count: count))
        }
        let fixture = DeskFixture(desk: desk, input: try array(0), other: try array(1))
        do {
            try await body(fixture)
        } catch {
            await desk.stop()
            throw error
        }
        await desk.stop()
    }

    /// Asks in a task of its own and returns once `open` requests wait, or this one waits no more.
    func ask(_ id: String, open: Int) async -> Task<FrontDoorError?, Never> {
        let ended = Ended()
        let task = Task {
            defer { ended.isTrue.store(true, ordering: .releasing) }
            return await refusal(of: id, input)
        }
        // On a slow machine a deadline may have passed before anybody looked.
        while await desk.openCount < open, !ended.isTrue.load(ordering: .acquiring) { await Task.yield() }
        return task
    }

    private final class Ended: Sendable {
        let isTrue = Atomic(false)
    }

    /// Why there is no answer.
    func refusal(of id: String, model: String = "digits", _ input: NPYArray) async -> FrontDoorError? {
        do throws(FrontDoorError) {
            _ = try await desk.infer(model: model, input: input, requestID: id)
            return nil
        } catch {
            return error
        }
    }
}

/// Tells the levels of what is logged.
private struct LevelHandler: LogHandler {
    let continuation: AsyncStream<Logger.Level>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { continuation.yield(event.level) }
}

@Suite(.timeLimit(.minutes(2))) struct RequestDeskTests {
    @Test func `what cannot be run is refused in one sentence before it is taken`() async throws {
        try await DeskFixture.run { fixture in
            let unknown = await fixture.refusal(of: "1", model: "faces", fixture.input)
            #expect(unknown?.kind == .unknownModel)
            #expect(unknown?.description.contains("there are: digits, elsewhere") == true)
            let elsewhere = await fixture.refusal(of: "1", model: "elsewhere", fixture.input)
            #expect(elsewhere?.description.contains("device b, which is not on board a") == true)
            let shape = try NPYArray(elementType: .float32, shape: [1], bytes: [0, 0, 0, 0])
            #expect(await fixture.refusal(of: "1", shape)?.kind == .badRequest)
            #expect(await fixture.desk.openCount == 0)
        }
    }

    @Test func `a runner that does not listen is named once, however often it is tried`() async throws {
        let (levels, continuation) = AsyncStream.makeStream(of: Logger.Level.self)
        let logger = Logger(label: "test") { _ in LevelHandler(continuation: continuation) }
        // Nothing listens on tcpmux's port.
        try await DeskFixture.run(logger: logger) { fixture in
            await fixture.desk.runnerStarted(port: 1)
            var seen: [Logger.Level] = []
            for await level in levels {
                seen.append(level)
                if seen.count == 4 { break }
            }
            #expect(seen == [.warning, .debug, .debug, .debug])
            await fixture.desk.runnerLost()
        }
    }

    @Test func `a request without a plan waits, and fails by name at its deadline`() async throws {
        try await DeskFixture.run(deadline: .milliseconds(50)) { fixture in
            let error = await fixture.refusal(of: "1", fixture.input)
            #expect(error?.kind == .noPlan)
            #expect(error?.description.hasPrefix("model digits: ") == true)
        }
    }

    @Test func `a client that asks again waits with the first, one with another input does not`() async throws {
        try await DeskFixture.run { fixture in
            let first = await fixture.ask("1", open: 1)
            let again = await fixture.ask("1", open: 1)
            #expect(await fixture.refusal(of: "1", fixture.other)?.kind == .badRequest)
            #expect(await fixture.desk.openCount == 1)
            await fixture.desk.stop()
            #expect(await first.value?.kind == .unavailable)
            #expect(await again.value?.kind == .unavailable)
        }
    }

    @Test func `a desk without open requests is settled at once and takes no more`() async throws {
        try await DeskFixture.run { fixture in
            #expect(await fixture.desk.settle(within: .seconds(60)) == 0)
            let error = await fixture.refusal(of: "1", fixture.input)
            #expect(error?.kind == .unavailable)
            #expect(error?.kind.statusCode == 503)
            #expect(error?.description.contains("board a is stopping") == true)
        }
    }

    @Test func `what was accepted may go on until the limit, and then fails by name`() async throws {
        try await DeskFixture.run { fixture in
            let accepted = await fixture.ask("1", open: 1)
            #expect(await fixture.desk.settle(within: .milliseconds(50)) == 1)
            #expect(await fixture.refusal(of: "2", fixture.input)?.kind == .unavailable)
            await fixture.desk.stop()
            #expect(await accepted.value?.description == "model digits: this board stops before it had the result")
        }
    }

    @Test func `the last request that ends settles the desk`() async throws {
        try await DeskFixture.run(deadline: .milliseconds(200)) { fixture in
            let accepted = await fixture.ask("1", open: 1)
            // Far beyond the time limit of the test.
            #expect(await fixture.desk.settle(within: .seconds(3600)) == 0)
            #expect(await accepted.value?.kind == .noPlan)
        }
    }
}
