import Agent
import Cluster
import JSON
import ModelGraph
import NIOPosix
import Synchronization
import Testing

/// Answers with what the tests can foretell: the model "twice" doubles bytes, other names fail by their meaning.
final class ScriptedHandler: FrontDoorHandler {
    let requestIDs = Mutex<[String]>([])
    let graphs = Mutex<[String: [UInt8]]>([:])
    /// Requests to the model "waits" are held until this is opened.
    let gate = Gate()

    static let plan = PlanID(term: 3, leader: "A", sequence: 7)

    func infer(model: String, input: NPYArray, requestID: String) async throws(FrontDoorError) -> InferenceAnswer {
        requestIDs.withLock { $0.append(requestID) }
        switch model {
        case "twice", "waits":
            if model == "waits" { await gate.wait() }
            if let refusal = FrontDoorError.mismatch(
                of: input, model: model, expectedType: "uint8", expectedShape: [nil, 4])
            {
                throw refusal
            }
            do {
                let output = try NPYArray(
                    elementType: .uint8, shape: input.shape, bytes: input.bytes.map { $0 &* 2 })
                return InferenceAnswer(output: output, plan: Self.plan, latencyS: 0.25)
            } catch {
                throw FrontDoorError(.internalError, error.description)
            }
        case "late": throw FrontDoorError(.deadlineExceeded, "the deadline of 30 s has passed")
        case "full": throw FrontDoorError(.queueFull, "64 requests wait, which is the limit")
        case "planless": throw FrontDoorError(.noPlan, "model planless has no plan: no board has 900 bytes")
        default: throw FrontDoorError(.unknownModel, "there is no model \(model)")
        }
    }

    func putModel(name: String, graphFile: [UInt8]) async throws(FrontDoorError) -> ModelRecord {
        guard graphFile != [0] else { throw FrontDoorError(.missingBlobs, "2 blobs of \(name) are not here") }
        graphs.withLock { $0[name] = graphFile }
        return record(name, graphFile)
    }

    func removeModel(name: String) async throws(FrontDoorError) {
        guard graphs.withLock({ $0.removeValue(forKey: name) }) != nil else {
            throw FrontDoorError(.unknownModel, "there is no model \(name)")
        }
    }

    func models() async -> [ModelRecord] {
        graphs.withLock { $0 }.sorted { $0.key < $1.key }.map { record($0.key, $0.value) }
    }

    func status() async -> JSONValue { ["leader": "A"] }

    private func record(_ name: String, _ graph: [UInt8]) -> ModelRecord {
        ModelRecord(
            name: name, version: 1, graphSHA256: "00", graphBytes: graph.count, weightBytes: 0, holders: ["A"],
            source: "A", destination: "A")
    }
}

/// Lets tasks wait until it is opened once.
final class Gate: Sendable {
    private let state = Mutex<(open: Bool, waiting: [CheckedContinuation<Void, Never>], arrived: Int)>((false, [], 0))
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    func wait() async {
        await withCheckedContinuation { continuation in
            let open = state.withLock { state in
                if !state.open { state.waiting.append(continuation) }
                return state.open
            }
            arrivals.continuation.yield()
            if open { continuation.resume() }
        }
    }

    /// Returns when somebody waits.
    func arrival() async {
        for await _ in arrivals.stream { return }
    }

    func open() {
        let waiting = state.withLock { state in
            state.open = true
            defer { state.waiting = [] }
            return state.waiting
        }
        arrivals.continuation.finish()
        for continuation in waiting { continuation.resume() }
    }
}

/// A weight store in memory. Addresses are made up: `contents` says what belongs to each.
final class MemorySink: BlobSink {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    let contents: [String: [UInt8]]
    let partial = Mutex<[String: [UInt8]]>([:])
    let complete = Mutex<[String: [UInt8]]>([:])
    /// Fires at each `suspend`.
    let suspensions = AsyncStream.makeStream(of: Void.self)

    init(contents: [String: [UInt8]] = [:]) { self.contents = contents }

    func state(ofBlob sha256: String) -> BlobState {
        if let bytes = complete.withLock({ $0[sha256] }) { return .complete(byteCount: bytes.count) }
        if let bytes = partial.withLock({ $0[sha256] }) { return .partial(byteCount: bytes.count) }
        return .absent
    }

    func beginUpload(ofBlob sha256: String, offset: Int, byteCount: Int) throws -> any BlobUpload {
        let bytes = partial.withLock { $0[sha256] } ?? []
        guard offset <= bytes.count else { throw Refusal(description: "the upload has a gap") }
        partial.withLock { $0[sha256] = Array(bytes.prefix(offset)) }
        return Upload(sink: self, sha256: sha256)
    }

    private struct Upload: BlobUpload {
        let sink: MemorySink
        let sha256: String

        func append(_ bytes: UnsafeRawBufferPointer) {
            sink.partial.withLock { $0[sha256, default: []].append(contentsOf: bytes) }
        }

        func finish() throws {
            let bytes = sink.partial.withLock { $0.removeValue(forKey: sha256) } ?? []
            guard bytes == sink.contents[sha256] else { throw Refusal(description: "the content is another") }
            sink.complete.withLock { $0[sha256] = bytes }
        }

        func suspend() { sink.suspensions.continuation.yield() }
    }
}

/// A front door on a free loopback port, closed at the end of the test.
struct FrontDoorFixture {
    let handler = ScriptedHandler()
    let sink: MemorySink
    let door: FrontDoor
    let client: HTTPClient

    static func run(
        limits: FrontDoorLimits = .init(), contents: [String: [UInt8]] = [:],
        _ body: (FrontDoorFixture) async throws -> Void
    ) async throws {
        let fixture = try await FrontDoorFixture(limits: limits, contents: contents)
        do {
            try await body(fixture)
        } catch {
            await fixture.stop()
            throw error
        }
        await fixture.stop()
    }

    private init(limits: FrontDoorLimits, contents: [String: [UInt8]]) async throws {
        sink = MemorySink(contents: contents)
        door = try await FrontDoor.start(
            host: "127.0.0.1", port: 0, handler: handler, blobs: sink, limits: limits,
            group: MultiThreadedEventLoopGroup.singleton)
        client = HTTPClient(door.endpoint)
    }

    private func stop() async {
        handler.gate.open()
        await client.close()
        await door.stop()
    }

    func infer(_ model: String, _ bytes: [UInt8], id: String? = nil) async throws -> HTTPResponse {
        let input = try NPYArray(elementType: .uint8, shape: [bytes.count / 4, 4], bytes: bytes)
        return try await client.request(
            "POST", "/v1/models/\(model)/infer", headers: id.map { [(FrontDoorHeader.requestID, $0)] } ?? [],
            body: .bytes(input.encoded()))
    }
}

extension FrontDoorFixture {
    /// Repeats a request until it reaches the handler, however busy the machine is; whoever waits at the gate is let
    /// go when it fails after that.
    func inferThenOpenGate(_ model: String, _ bytes: [UInt8]) async throws -> HTTPResponse {
        defer { handler.gate.open() }
        while true {
            do {
                return try await infer(model, bytes)
            } catch  where handler.requestIDs.withLock({ $0.isEmpty }) {
                continue
            }
        }
    }
}

/// What the JSON of a refusal says.
func sentence(of response: HTTPResponse) throws -> String {
    try #require(try JSON.parse(response.body)["error"]?.stringValue)
}
