import Cluster
import Costs
import Logging
import ModelGraph
import NIOCore
import NIOPosix
import Runtime

/// Holds the requests that enter at this board until their results are here.
///
/// The decisions are `RequestLedger`'s, one ledger for each model; the desk keeps tensors and who waits, and talks to
/// the board's own runner.
package actor RequestDesk {
    /// Tensors of open requests together; further requests are refused.
    package static let maximumOpenBytes = 256 << 20
    /// Clients that may wait for one request: the first, and those that lost a connection and ask again.
    package static let maximumWaiters = 8

    private struct OpenRequest {
        /// What was asked about, and the same as the runner takes it.
        var input: [UInt8]
        var tensor: Tensor
        var acceptedAt: Duration
        var waiters: [CheckedContinuation<Result<InferenceAnswer, FrontDoorError>, Never>]
        var number: UInt64
        var graphSHA256: String
        /// No other request was open here since it came.
        var isAlone: Bool
        /// Attempts under way.
        var keys: [RequestKey] = []
    }

    private struct Desk {
        var ledger: RequestLedger
        var open: [RequestID: OpenRequest] = [:]
    }

    /// What came over one of the connections to the runner, told apart by their numbers.
    private struct Outcome: Sendable {
        var connection: Int
        var event: TransportClient.Event
    }

    private struct InFlight {
        var model: String
        var request: RequestID
    }

    private let node: NodeID
    /// This board's own devices.
    private var devices: Set<DeviceID>
    private let host: String
    private let models: ModelLibrary
    private var deadline: Duration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deliver: @Sendable (AgentEvent) -> Void
    private let outcomes: AsyncStream<Outcome>
    private let outcomesContinuation: AsyncStream<Outcome>.Continuation

    private var records: [String: ModelRecord] = [:]
    private var desks: [String: Desk] = [:]
    private var inFlight: [RequestKey: InFlight] = [:]
    private var answered = AnswerCache()
    private var openBytes = 0
    private var lastNumber: UInt64 = 0
    private var transport: TransportClient?
    private var connection = 0
    private var connecting = false
    /// Was it said that the runner does not listen?
    private var saidUnreachable = false
    private var runnerPort: Int?
    private var wake: Scheduled<Void>?
    /// No request is taken any more.
    private var closed = false
    /// Waits until no request is open.
    private var settling: CheckedContinuation<Void, Never>?
    private(set) var latencies = LatencyRecord()

    /// - Parameter host: where the board's own runner listens.
    package init(
        node: NodeID, devices: [DeviceID], host: String, models: ModelLibrary, deadline: Duration,
        group: any EventLoopGroup,
        logger: Logger, deliver: @escaping @Sendable (AgentEvent) -> Void
    ) {
        self.node = node
        self.devices = Set(devices)
        self.host = ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
        self.models = models
        self.deadline = deadline
        self.group = group
        self.logger = logger
        self.deliver = deliver
        // Every outcome belongs to a request in flight, and those are bounded by the ledgers.
        (outcomes, outcomesContinuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Takes in what the runner answers; returns when `stop()` was called.
    package func run() async {
        for await outcome in outcomes where outcome.connection == connection { handle(outcome.event) }
    }

    package func stop() {
        closed = true
        transport?.close()
        wake?.cancel()
        for (model, desk) in desks {
            for request in desk.open.values {
                let error = FrontDoorError(.unavailable, "model \(model): this board stops before it had the result")
                request.waiters.forEach { $0.resume(returning: .failure(error)) }
            }
        }
        desks = [:]
        openBytes = 0
        outcomesContinuation.finish()
        settled()
    }

    /// Takes no more requests, and returns when none is open, at the latest after `limit`.
    ///
    /// - Returns: requests that are still open.
    package func settle(within limit: Duration) async -> Int {
        closed = true
        guard openCount > 0 else { return 0 }
        let timeout = group.next().scheduleTask(in: TimeAmount(limit)) {
            Task { await self.settled() }
        }
        await withCheckedContinuation { settling = $0 }
        timeout.cancel()
        return openCount
    }

    /// Requests that were accepted and have no end yet.
    package var openCount: Int { desks.values.reduce(0) { $0 + $1.open.count } }

    private func settled() {
        settling?.resume()
        settling = nil
    }

    /// Requests that are open keep the deadline that they were accepted with.
    package func configure(devices: [DeviceID], deadline: Duration) {
        self.devices = Set(devices)
        self.deadline = deadline
    }

    // MARK: What the agent's loop tells

    package func modelsChanged(_ models: [ModelRecord]) {
        records = Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
    }

    package func committed(_ plan: PlanID, model: String, atOnce: Int? = nil) {
        feed(.planCommitted(plan, atOnce: atOnce), model: model)
    }
    package func draining(_ plan: PlanID, model: String) { feed(.planDraining(plan), model: model) }
    package func lost(_ plan: PlanID, model: String) { feed(.planLost(plan), model: model) }

    package func runnerStarted(port: Int) async {
        runnerPort = port
        await connect()
    }

    package func runnerLost() {
        runnerPort = nil
        transport?.close()
        handle(.closed("the runner ended"))
    }

    // MARK: What the front door asks

    package func infer(model: String, input: NPYArray, requestID: String) async throws(FrontDoorError)
        -> InferenceAnswer
    {
        guard let record = records[model] else {
            let names = records.keys.sorted().joined(separator: ", ")
            throw FrontDoorError(
                .unknownModel,
                "there is no model \(model); \(names.isEmpty ? "there is none yet" : "there are: \(names)")")
        }
        guard devices.contains(record.source) else {
            throw FrontDoorError(
                .badRequest,
                "requests for model \(model) enter at device \(record.source), which is not on board \(node); "
                    + "lamella status shows that board's front door")
        }
        let known: KnownModel
        do {
            known = try await models.model(record)
        } catch {
            throw FrontDoorError(.unavailable, "model \(model): its graph is not on this board yet: \(error)")
        }
        guard let expected = known.inputs.first else {
            throw FrontDoorError(.internalError, "model \(model) has no input")
        }
        if let mismatch = FrontDoorError.mismatch(
            of: input, model: model, expectedType: expected.elementType.rawValue, expectedShape: expected.shape)
        {
            throw mismatch
        }
        let id = RequestID(requestID)
        let key = AnswerCache.Key(graphSHA256: record.graphSHA256, id: id, input: input.bytes)
        if let answer = answered[key] { return answer }
        let result = await withCheckedContinuation { continuation in
            accept(id, record: record, input: input, waiter: continuation)
        }
        return try result.get()
    }

    private func accept(
        _ id: RequestID, record: ModelRecord, input: NPYArray,
        waiter: CheckedContinuation<Result<InferenceAnswer, FrontDoorError>, Never>
    ) {
        let model = record.name
        if let open = desks[model]?.open[id] {
            let waiters = open.waiters
            guard open.input == input.bytes else {
                waiter.resume(
                    returning: .failure(
                        FrontDoorError(
                            .badRequest, "request \(id) of model \(model) is open with another input; use another id")))
                return
            }
            guard waiters.count < Self.maximumWaiters else {
                waiter.resume(
                    returning: .failure(
                        FrontDoorError(.queueFull, "request \(id): \(waiters.count) clients wait for it already")))
                return
            }
            desks[model]?.open[id]?.waiters.append(waiter)
            return
        }
        guard !closed else {
            waiter.resume(
                returning: .failure(
                    FrontDoorError(
                        .unavailable,
                        "board \(node) is stopping and takes no more requests; try again when it is back")))
            return
        }
        guard openBytes + input.bytes.count <= Self.maximumOpenBytes else {
            waiter.resume(
                returning: .failure(
                    FrontDoorError(
                        .queueFull, "open requests hold \(openBytes) bytes, which is the limit; try again later")))
            return
        }
        let tensor = Tensor(
            elementType: input.elementType, shape: input.shape, bytes: ByteBuffer(bytes: input.bytes))
        lastNumber += 1
        openBytes += input.bytes.count
        let now = MonotonicTime.now
        let isAlone = desks.values.allSatisfy(\.open.isEmpty)
        if !isAlone { noneIsAlone() }
        desks[model, default: Desk(ledger: RequestLedger())].open[id] = OpenRequest(
            input: input.bytes, tensor: tensor, acceptedAt: now, waiters: [waiter], number: lastNumber,
            graphSHA256: record.graphSHA256, isAlone: isAlone)
        feed(.accepted(id, deadline: now + deadline), model: model)
    }

    private func noneIsAlone() {
        for model in desks.keys {
            for id in Array((desks[model]?.open ?? [:]).keys) { desks[model]?.open[id]?.isAlone = false }
        }
    }

    // MARK: The ledger

    private func feed(_ input: RequestLedger.Input, model: String, tensor: Tensor? = nil) {
        let now = MonotonicTime.now
        let effects = desks[model, default: Desk(ledger: RequestLedger())].ledger.handle(input, now: now)
        for effect in effects { carryOut(effect, model: model, tensor: tensor) }
        scheduleWake()
    }

    private func carryOut(_ effect: RequestLedger.Effect, model: String, tensor: Tensor?) {
        switch effect {
        case .refuse(let id, let refusal):
            let kind: FrontDoorError.Kind = if case .full = refusal { .queueFull } else { .badRequest }
            close(id, model: model, .failure(FrontDoorError(kind, "model \(model): \(refusal)")))
        case .dispatch(let id, let plan, let attempt): dispatch(id, model: model, plan: plan, attempt: attempt)
        case .answer(let id, let plan, _):
            guard let tensor, let request = desks[model]?.open[id] else { return }
            let latency = (MonotonicTime.now - request.acceptedAt).inSeconds
            do {
                let output = try NPYArray(
                    elementType: tensor.elementType, shape: tensor.shape, bytes: Array(tensor.bytes.readableBytesView))
                let answer = InferenceAnswer(output: output, plan: plan, latencyS: latency)
                latencies.add(
                    latency, model: model, plan: plan, wasAlone: request.isAlone && request.keys.count <= 1)
                answered.keep(
                    answer,
                    for: AnswerCache.Key(graphSHA256: request.graphSHA256, id: id, input: request.input))
                close(id, model: model, .success(answer))
            } catch {
                close(id, model: model, .failure(FrontDoorError(.internalError, "model \(model): \(error)")))
            }
        case .fail(let id, let failure):
            let kind: FrontDoorError.Kind =
                switch failure {
                case .noPlan: .noPlan
                case .noResult, .tooManyAttempts: .deadlineExceeded
                case .rejected: .badRequest
                }
            close(id, model: model, .failure(FrontDoorError(kind, "model \(model): \(failure)")))
        case .drained(let plan): deliver(.drained(plan))
        }
    }

    private func dispatch(_ id: RequestID, model: String, plan: PlanID, attempt: Int) {
        guard let request = desks[model]?.open[id] else { return }
        let key = RequestKey(plan: plan, request: request.number, attempt: UInt32(clamping: attempt))
        inFlight[key] = InFlight(model: model, request: id)
        desks[model]?.open[id]?.keys.append(key)
        guard let transport else {
            outcomesContinuation.yield(
                Outcome(
                    connection: connection,
                    event: .refused(key, .unreachable, "the board's own runner is starting")))
            return
        }
        transport.submit(key, model: model, tensor: request.tensor)
    }

    private func close(_ id: RequestID, model: String, _ result: Result<InferenceAnswer, FrontDoorError>) {
        guard let request = desks[model]?.open.removeValue(forKey: id) else { return }
        for key in request.keys { inFlight[key] = nil }
        openBytes -= request.tensor.bytes.readableBytes
        request.waiters.forEach { $0.resume(returning: result) }
        if openCount == 0 { settled() }
    }

    // MARK: The runner

    private func handle(_ event: TransportClient.Event) {
        switch event {
        case .result(let key, let tensor):
            guard let request = inFlight.removeValue(forKey: key) else { return }
            feed(
                .result(request.request, plan: key.plan, attempt: Int(key.attempt)), model: request.model,
                tensor: tensor)
        case .refused(let key, let code, let sentence):
            guard let request = inFlight.removeValue(forKey: key) else { return }
            if code.mayPassLater {
                feed(
                    .attemptFailed(request.request, plan: key.plan, attempt: Int(key.attempt), reason: sentence),
                    model: request.model)
            } else {
                feed(.rejected(request.request, reason: sentence), model: request.model)
            }
        case .closed(let reason):
            let lost = inFlight.sorted { $0.key.request < $1.key.request }
            inFlight = [:]
            for (key, request) in lost {
                feed(
                    .attemptFailed(
                        request.request, plan: key.plan, attempt: Int(key.attempt),
                        reason: "the connection to the board's own runner ended: \(reason)"),
                    model: request.model)
            }
            transport = nil
            if runnerPort != nil { reconnectLater() }
        }
    }

    private func connect() async {
        guard let port = runnerPort, transport == nil, !connecting else { return }
        connecting = true
        defer { connecting = false }
        do {
            let outcomes = outcomesContinuation
            connection += 1
            let number = connection
            let client = try await TransportClient.connect(
                to: Endpoint(host: host, port: port), node: node, group: group
            ) { outcomes.yield(Outcome(connection: number, event: $0)) }
            guard runnerPort == port else {
                client.close()
                if runnerPort != nil { reconnectLater() }
                return
            }
            transport = client
            if saidUnreachable { logger.notice("the board's own runner listens again") }
            saidUnreachable = false
        } catch {
            if saidUnreachable {
                logger.debug("\(error)")
            } else {
                logger.warning("\(error); requests wait, and it is tried again until it listens")
            }
            saidUnreachable = true
            reconnectLater()
        }
    }

    private func reconnectLater() {
        _ = group.next().scheduleTask(in: .milliseconds(200)) {
            Task { await self.connect() }
        }
    }

    private func scheduleWake() {
        wake?.cancel()
        guard let next = desks.values.compactMap(\.ledger.nextTick).min() else { return }
        let delay = max(next - MonotonicTime.now, .milliseconds(1))
        wake = group.next().scheduleTask(in: TimeAmount(delay)) {
            Task { await self.tick() }
        }
    }

    private func tick() {
        for model in desks.keys.sorted() { feed(.tick, model: model) }
    }
}
