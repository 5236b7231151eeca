import Cluster
import Costs
import Foundation
import ModelGraph
import NIOCore
import NIOPosix
import ONNXImport
import Runtime
import Testing

/// Runners over real sockets, in this process.
@Suite struct RunnerTests {
    /// The digits model on the first board only, cut over the boards in turn.
    private struct Digits {
        let stored: StoredModel
        let layers: [GraphLayer]
        let whole: InferenceSession
        let input: Tensor

        init(in folder: String) throws {
            let store = try WeightStore(directory: folder + "/A/weights")
            stored = try StoredModel(path: Support.fixture("digits/digits.onnx"), into: store)
            layers = stored.model.graph.layers(.layer)
            whole = try InferenceSession(
                runtime: try Support.runtime.get(), model: try Support.bytes("digits/digits.onnx"))
            let description = try #require(whole.inputs.first)
            input = Support.randomTensor(shape: description.shape.map { max($0, 1) }, seed: 3)
        }

        /// Layer `i` goes to board `i` modulo the number of boards.
        func plan(
            _ boards: [DeviceID], sequence: UInt64 = 1, destination: DeviceID = "A", holders: [NodeID] = ["A"]
        ) -> PlanRecord {
            Plans.record(
                layers: layers.map(\.name), devices: layers.indices.map { boards[$0 % boards.count] }, source: "A",
                destination: destination, pseudo: true, id: PlanID(term: 1, leader: "A", sequence: sequence),
                model: stored.record(name: "digits", holders: holders, source: "A", destination: destination),
                participants: boards.map { NodeID($0.name) })
        }

        func key(_ request: UInt64, sequence: UInt64 = 1) -> RequestKey {
            RequestKey(plan: PlanID(term: 1, leader: "A", sequence: sequence), request: request, attempt: 0)
        }
    }

    private func withCluster(
        _ names: [NodeID], limits: TransportLimits = .init(),
        configure: (NodeID, inout RunnerConfiguration) -> Void = { _, _ in },
        _ body: (TestCluster, Digits) async throws -> Void
    ) async throws {
        try await Support.withFolder { folder in
            let digits = try Digits(in: folder)
            let cluster = try await TestCluster(names, in: folder, limits: limits, configure: configure)
            do {
                try await body(cluster, digits)
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }
    }

    private func expectResult(_ event: TransportClient.Event, _ digits: Digits, input: Tensor? = nil) throws {
        guard case .result(_, let tensor) = event else { throw TransportError("no result came: \(event)") }
        let expected = try #require(try digits.whole.run([input ?? digits.input]).first)
        #expect(tensor.shape == expected.shape)
        #expect(Support.relativeDifference(tensor, expected) <= Support.tolerance)
    }

    @Test func `three boards give the unsplit result for every request, many at once`() async throws {
        try await withCluster(["A", "B", "C"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A", "B", "C"]))
            for request in UInt64(0)..<50 {
                let input = Support.randomTensor(shape: digits.input.shape, seed: request)
                cluster.client.submit(digits.key(request), model: "digits", tensor: input)
            }
            for request in UInt64(0)..<50 {
                let event = await cluster.answers.first { event in
                    if case .result(digits.key(request), _) = event { return event }
                    if case .refused = event { return event }
                    return nil
                }
                try expectResult(event, digits, input: Support.randomTensor(shape: digits.input.shape, seed: request))
            }
            #expect(cluster.answers.all.count == 50)
        }
    }

    @Test func `a destination apart from the source gets the result on its way back to the holder`() async throws {
        try await withCluster(["A", "B", "C"]) { cluster, digits in
            try await cluster.bring(digits.plan(["B"], destination: "C"))
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
        }
    }

    @Test func `a board fetches only the weights that it is assigned, and each only once`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A", "B"]))
            let second = try cluster.board("B")
            let first = try await second.outcome(of: digits.key(0).plan).get()
            #expect(first.receivedBytes > digits.stored.graphBytes)
            #expect(first.receivedBytes < digits.stored.graphBytes + digits.stored.weightBytes)
            #expect(first.memoryBytes > 0)
            let store = try WeightStore(directory: second.folder + "/weights")
            #expect(store.usedBytes() == first.receivedBytes)
            try await cluster.bring(digits.plan(["A", "B"], sequence: 2))
            #expect(try await second.outcome(of: digits.key(0, sequence: 2).plan).get().receivedBytes == 0)
        }
    }

    @Test func `wrong shapes and types are refused by name and the next request runs`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            try await cluster.bring(digits.plan(["B", "A"]))
            let wrong = [
                Tensor(shape: [2], floats: [1, 2]),
                Tensor(
                    elementType: .uint8, shape: digits.input.shape,
                    bytes: ByteBuffer(repeating: 0, count: digits.input.bytes.readableBytes / 4)),
            ]
            for (index, tensor) in wrong.enumerated() {
                let event = await cluster.infer(digits.key(UInt64(index)), model: "digits", tensor)
                guard case .refused(_, let code, let sentence) = event else {
                    throw TransportError("not refused: \(event)")
                }
                #expect(code == .wrongTensor)
                #expect(!code.mayPassLater)
                #expect(sentence.contains("segment 0 on board B"))
                #expect(sentence.contains("is wanted"))
            }
            try expectResult(await cluster.infer(digits.key(9), model: "digits", digits.input), digits)
        }
    }

    @Test func `a tensor of a plan that was never prepared is refused by name`() async throws {
        try await withCluster(["A"]) { cluster, digits in
            let event = await cluster.infer(digits.key(1), model: "digits", digits.input)
            guard case .refused(_, .unknownPlan, let sentence) = event else {
                throw TransportError("not refused: \(event)")
            }
            #expect(sentence == "plan 1.1@A of model digits is not ready on board A")
        }
    }

    @Test func `once a newer plan has run, a tensor of the older one is refused by name`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A", "B"]))
            try await cluster.bring(digits.plan(["B", "A"], sequence: 2))
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
            try expectResult(await cluster.infer(digits.key(2, sequence: 2), model: "digits", digits.input), digits)
            let event = await cluster.infer(digits.key(3), model: "digits", digits.input)
            guard case .refused(_, .replacedPlan, let sentence) = event else {
                throw TransportError("not refused: \(event)")
            }
            #expect(sentence.contains("1.1@A") && sentence.contains("1.2@A"))
        }
    }

    @Test func `a board that starts again refuses plans older than the one it had accepted`() async throws {
        try await Support.withFolder { folder in
            let digits = try Digits(in: folder)
            let placements = [DevicePlacement(device: "A", node: "A")]
            let first = try await TestCluster.start("A", in: folder)
            first.runner.handle(.prepare(.init(record: digits.plan(["A"], sequence: 5), placements: placements)))
            _ = try await first.outcome(of: digits.key(0, sequence: 5).plan).get()
            await first.runner.stop()
            let second = try await TestCluster.start("A", in: folder)
            second.runner.handle(.prepare(.init(record: digits.plan(["A"], sequence: 4), placements: placements)))
            let outcome = await second.outcome(of: digits.key(0, sequence: 4).plan)
            #expect(throws: TransportError.self) { try outcome.get() }
            second.runner.handle(.prepare(.init(record: digits.plan(["A"], sequence: 5), placements: placements)))
            _ = try await second.outcome(of: digits.key(0, sequence: 5).plan).get()
            await second.runner.stop()
        }
    }

    @Test func `weights that no board has are a refusal that names blob and boards`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            let store = try WeightStore(directory: try cluster.board("A").folder + "/weights")
            for name in store.names() where name != digits.stored.graphSHA256 { try store.remove(name) }
            let record = digits.plan(["B"])
            try cluster.board("B").runner.handle(
                .prepare(
                    .init(record: record, placements: ["A", "B"].map { .init(device: $0, node: NodeID($0.name)) })))
            guard case .failure(let error) = try await cluster.board("B").outcome(of: record.id) else {
                throw TransportError("it was ready")
            }
            #expect(error.sentence.contains("cannot be had (A: blob "))
        }
    }

    @Test func `a board that offers too little memory refuses with the figures`() async throws {
        try await withCluster(["A"], configure: { $1.memoryLimitBytes = 100 }) { cluster, digits in
            let record = digits.plan(["A"])
            try cluster.board("A").runner.handle(
                .prepare(.init(record: record, placements: [.init(device: "A", node: "A")])))
            guard case .failure(let error) = try await cluster.board("A").outcome(of: record.id) else {
                throw TransportError("it was ready")
            }
            let weightBytes = digits.layers.reduce(0) { $0 + $1.weightBytes }
            #expect(error.sentence.contains("\(weightBytes) bytes of weights"))
            #expect(error.sentence.contains("it offers 100 bytes"))
        }
    }

    @Test func `a drained plan says so, frees its sessions and takes no more`() async throws {
        try await withCluster(["A"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A"]))
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
            let reference = PlanReference(plan: digits.key(0).plan, model: "digits")
            let board = try cluster.board("A")
            board.runner.handle(.drain(reference))
            await board.reports.first { if case .drained(reference) = $0 { true } else { nil } }
            let event = await cluster.infer(digits.key(2), model: "digits", digits.input)
            guard case .refused(_, .unknownPlan, _) = event else { throw TransportError("not refused: \(event)") }
        }
    }

    @Test func `an abandoned plan refuses what it holds`() async throws {
        // So slow that the request is still inside when the plan is given up.
        try await withCluster(["A", "B"], configure: { $1.emulation = $0 == "B" ? .init(flops: 1e6) : nil }) {
            cluster, digits in
            try await cluster.bring(digits.plan(["A", "B"]))
            cluster.client.submit(digits.key(1), model: "digits", tensor: digits.input)
            try cluster.board("A").runner.handle(.abandon(.init(plan: digits.key(1).plan, model: "digits")))
            let sentence: String? = await cluster.answers.first { event in
                if case .refused(digits.key(1), let code, let sentence) = event, code.mayPassLater {
                    sentence
                } else {
                    nil
                }
            }
            #expect(sentence?.contains("1.1@A") == true)
        }
    }

    @Test func `a board that cannot be reached is named in the refusal`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A", "B"]))
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
            try await cluster.board("B").runner.stop()
            // The first may still meet the closing connection; what comes after it cannot connect.
            for request in UInt64(2)..<4 {
                let event = await cluster.infer(digits.key(request), model: "digits", digits.input)
                guard case .refused(_, let code, let sentence) = event else {
                    throw TransportError("not refused: \(event)")
                }
                #expect(code.mayPassLater)
                #expect(sentence.contains("board B"))
            }
        }
    }

    @Test func `garbage on the port closes that connection only`() async throws {
        try await withCluster(["A", "B"]) { cluster, digits in
            try await cluster.bring(digits.plan(["A", "B"]))
            let truncated = Array(FrameEncoder.bytes(of: .hello(node: "X", role: .runner)).readableBytesView.dropLast())
            let early = Array(FrameEncoder.bytes(of: .ping(number: 1)).readableBytesView)
            for bytes in [
                Array("GET / HTTP/1.1\r\nHost: here\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 100_000), early,
            ] {
                try await send(bytes, to: try cluster.board("B").runner.endpoint, waitForClose: true)
            }
            try await send(truncated, to: try cluster.board("B").runner.endpoint, waitForClose: false)
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
        }
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint, waitForClose: Bool) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: endpoint.host, port: endpoint.port).get()
        // The other end may close before all is written.
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        if waitForClose { try await channel.closeFuture.get() } else { try await channel.close().get() }
    }

    @Test func `segments take at least what the emulated speed says, and the median is reported`() async throws {
        let flops = 2e7
        try await withCluster(["A"], configure: { $1.emulation = .init(flops: flops) }) { cluster, digits in
            try await cluster.bring(digits.plan(["A"]))
            try expectResult(await cluster.infer(digits.key(1), model: "digits", digits.input), digits)
            let measured = try await cluster.board("A").reports.first { report -> RunnerReport.Measured? in
                if case .measured(let measured) = report { measured } else { nil }
            }
            let least = digits.layers.reduce(0) { $0 + $1.flop } / flops
            #expect(measured.computeS >= least)
            #expect(measured.count == 1)
            #expect(measured.segment == 0)
        }
    }

    @Test func `passive measurement finds the emulated bandwidth and latency`() async throws {
        let bandwidth = 2e6
        let latencyS = 0.004
        try await withCluster(
            ["A", "B"],
            configure: { node, configuration in
                configuration.emulation = .init(links: [
                    .init(peer: node == "A" ? "B" : "A", bandwidthBytesPerS: bandwidth, latencyS: latencyS)
                ])
            }
        ) { cluster, digits in
            // Digits' tensors are small; a blob of noise would go the other way. So: a batch of large requests that
            // B refuses for their shape still crosses the link and is acknowledged.
            try await cluster.bring(digits.plan(["B"]))
            let large = Support.randomTensor(shape: [1, 50_000], seed: 1)
            for request in UInt64(0)..<5 { _ = await cluster.infer(digits.key(request), model: "digits", large) }
            let link = try await cluster.board("A").reports.first { report -> RunnerReport.LinkEstimate? in
                // Some round trips too: the least of them is the link's own.
                if case .link(let link) = report, link.bandwidthBytesPerS != nil, link.count >= 10 {
                    link
                } else {
                    nil
                }
            }
            #expect(link.peer == "B")
            // The machine's own delays come on top, never below.
            #expect(try #require(link.bandwidthBytesPerS) < bandwidth * 1.25)
            #expect(try #require(link.bandwidthBytesPerS) > bandwidth * 0.3)
            #expect(try #require(link.latencyS) >= latencyS * 0.95)
        }
    }

    @Test func `a fetch goes on where it stopped, and from the next board where one has it not`() async throws {
        try await withCluster(["A", "B", "C"]) { cluster, _ in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let name = try WeightStore(directory: try cluster.board("C").folder + "/weights").put(bytes)
            let target = try cluster.board("A")
            _ = FileManager.default.createFile(
                atPath: target.folder + "/weights/\(name).part", contents: Data(bytes[..<1_000_000]))
            target.runner.handle(.fetch(.init(sha256: [name], from: ["X", "B", "C"])))
            let fetched = await target.reports.first { report -> Result<RunnerReport.Fetched, TransportError>? in
                switch report {
                case .fetched(let fetched): .success(fetched)
                case .refused(let refused): .failure(TransportError(refused.reason))
                default: nil
                }
            }
            #expect(try fetched.get().receivedBytes == 2_000_000)
            #expect(try WeightStore(directory: target.folder + "/weights").bytes(of: name) == bytes)
        }
    }

    @Test func `a damaged part and a lying board are overcome by the next board`() async throws {
        try await withCluster(["A", "B", "C"]) { cluster, _ in
            let bytes = [UInt8](repeating: 7, count: 100_000)
            let name = try WeightStore(directory: try cluster.board("C").folder + "/weights").put(bytes)
            _ = FileManager.default.createFile(
                atPath: try cluster.board("B").folder + "/weights/\(name)",
                contents: Data([UInt8](repeating: 8, count: 100_000)))
            let target = try cluster.board("A")
            target.runner.handle(.fetch(.init(sha256: [name], from: ["B", "C"])))
            let fetched = await target.reports.first { report -> Result<RunnerReport.Fetched, TransportError>? in
                switch report {
                case .fetched(let fetched): .success(fetched)
                case .refused(let refused): .failure(TransportError(refused.reason))
                default: nil
                }
            }
            #expect(try fetched.get().sha256 == [name])
            #expect(try WeightStore(directory: target.folder + "/weights").bytes(of: name) == bytes)
        }
    }

    @Test func `a request above the limit is refused at once and others go on`() async throws {
        var limits = TransportLimits()
        limits.maximumHeldRequests = 2
        try await withCluster(["A"], limits: limits, configure: { $1.emulation = .init(flops: 1e7) }) {
            cluster, digits in
            try await cluster.bring(digits.plan(["A"]))
            for request in UInt64(0)..<3 {
                cluster.client.submit(digits.key(request), model: "digits", tensor: digits.input)
            }
            let refused: RequestKey = await cluster.answers.first { event in
                if case .refused(let key, .overloaded, _) = event { key } else { nil }
            }
            #expect(refused.request == 2)
            for request in UInt64(0)..<2 {
                await cluster.answers.first { event in
                    if case .result(digits.key(request), _) = event { true } else { nil }
                }
            }
        }
    }

    @Test func `a busy port is one sentence that names it`() async throws {
        try await withCluster(["A"]) { cluster, _ in
            let port = try cluster.board("A").runner.endpoint.port
            try await Support.withFolder { folder in
                let error = await #expect(throws: TransportError.self) {
                    try await Runner.start(
                        RunnerOptions(node: "B", stateDirectory: folder, port: port),
                        group: MultiThreadedEventLoopGroup.singleton, logger: .init(label: "test")
                    ) { _ in }
                }
                #expect(error?.sentence.contains("cannot listen on 127.0.0.1:\(port)") == true)
            }
        }
    }
}
