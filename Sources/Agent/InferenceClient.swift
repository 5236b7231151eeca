import Cluster
import Costs
import Glibc

/// Sends inference requests to a front door and collects the answers.
///
/// A request whose connection is lost is sent again under the same id until its deadline: the board answers it once.
public struct InferenceClient: Sendable {
    /// One request's end.
    public struct Outcome: Sendable {
        /// Position of the input.
        public var index: Int
        public var result: Result<Answer, FrontDoorError>
    }

    public struct Answer: Sendable {
        public var output: NPYArray
        /// As the front door names it.
        public var plan: String
        /// From the request's arrival at the source to its result, as the source measured it.
        public var latencyS: Double
    }

    public var endpoint: Endpoint
    public var model: String
    /// Requests under way at a time.
    public var concurrency: Int
    /// For one request, with all its repetitions.
    public var deadline: Duration
    private let session: String

    public init(endpoint: Endpoint, model: String, concurrency: Int = 1, deadline: Duration = .seconds(60)) {
        self.endpoint = endpoint
        self.model = model
        self.concurrency = max(1, concurrency)
        self.deadline = deadline
        session = "\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    }

    /// For a board that does not answer at all.
    static let reachTimeout: Duration = .seconds(5)

    /// Returns where a front door answers, whatever it says.
    ///
    /// - Throws: `HTTPClientError`, one sentence that names the front door.
    public static func checkReachable(_ endpoint: Endpoint) async throws {
        let client = HTTPClient(endpoint, connectTimeout: reachTimeout)
        do {
            _ = try await client.request("GET", "/healthz", timeout: reachTimeout)
        } catch {
            await client.close()
            throw HTTPClientError(error.kind, "there is no front door of a board at \(endpoint): \(error)")
        }
        await client.close()
    }

    /// Sends every input once and returns the outcomes in the inputs' order.
    ///
    /// - Parameter progress: called after each answer with the number of answers so far.
    public func run(
        _ inputs: [NPYArray], progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(inputs.count)
        await withTaskGroup(of: [Outcome].self) { tasks in
            let workers = min(concurrency, inputs.count)
            let counter = Counter()
            for worker in 0..<workers {
                tasks.addTask {
                    let client = HTTPClient(endpoint)
                    var own: [Outcome] = []
                    for index in stride(from: worker, to: inputs.count, by: workers) {
                        own.append(Outcome(index: index, result: await send(inputs[index], index: index, by: client)))
                        progress(await counter.next())
                    }
                    await client.close()
                    return own
                }
            }
            for await own in tasks { outcomes += own }
        }
        return outcomes.sorted { $0.index < $1.index }
    }

    private actor Counter {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }

    private func send(_ input: NPYArray, index: Int, by client: HTTPClient) async -> Result<Answer, FrontDoorError> {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        let body = input.encoded()
        while true {
            let failure: FrontDoorError
            do {
                let response = try await client.request(
                    "POST", "/v1/models/\(model)/infer",
                    headers: [(FrontDoorHeader.requestID, "\(session)-\(index)")], body: .bytes(body),
                    timeout: max(end - clock.now, .milliseconds(1)))
                if response.statusCode == 200 { return answer(response) }
                failure = FrontDoorError(status: response.statusCode, body: response.body)
                // A board that stops or restarts, or a full queue: the same request may pass later.
                guard failure.kind == .unavailable || failure.kind == .queueFull else { return .failure(failure) }
            } catch {
                failure = FrontDoorError(.unavailable, error.description)
            }
            guard clock.now + Self.retryDelay < end, !Task.isCancelled else { return .failure(failure) }
            try? await clock.sleep(for: Self.retryDelay)
        }
    }

    private static let retryDelay: Duration = .milliseconds(100)

    private func answer(_ response: HTTPResponse) -> Result<Answer, FrontDoorError> {
        do {
            return .success(
                Answer(
                    output: try NPYArray(parsing: response.body, name: "the answer of \(endpoint)"),
                    plan: response.header(FrontDoorHeader.plan) ?? "",
                    latencyS: response.header(FrontDoorHeader.latencyS).flatMap(Double.init) ?? .nan))
        } catch {
            return .failure(FrontDoorError(.internalError, "\(error)"))
        }
    }
}
