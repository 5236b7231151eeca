import Agent
import Cluster

/// Sends requests at a fixed rate, whether earlier ones are answered or not, and keeps what became of them.
actor RequestLoad {
    /// Under way at a time; more would only measure the queue.
    static let maximumUnderWay = 64

    private let endpoint: Endpoint
    private let model: String
    private let inputs: [NPYArray]
    private let deadline: Duration
    private var underWay = 0
    private var next = 0
    private var latenciesS: [Double] = []
    private var failures: [String] = []
    private(set) var answered = 0
    private(set) var failed = 0
    private(set) var skipped = 0

    init(endpoint: Endpoint, model: String, inputs: [NPYArray], deadline: Duration = .seconds(60)) {
        self.endpoint = endpoint
        self.model = model
        self.inputs = inputs
        self.deadline = deadline
    }

    /// Sends until it is cancelled, then waits for what is under way.
    func run(perSecond: Double) async {
        guard perSecond > 0, !inputs.isEmpty else { return }
        let clock = ContinuousClock()
        let start = clock.now
        await withTaskGroup(of: Void.self) { tasks in
            var count = 0
            while !Task.isCancelled {
                if underWay < Self.maximumUnderWay {
                    let input = inputs[next % inputs.count]
                    next += 1
                    underWay += 1
                    tasks.addTask { await self.send(input) }
                } else {
                    skipped += 1
                }
                count += 1
                do { try await clock.sleep(until: start + .seconds(Double(count) / perSecond)) } catch { break }
            }
        }
    }

    private func send(_ input: NPYArray) async {
        let client = InferenceClient(endpoint: endpoint, model: model, deadline: deadline)
        // A run that is over still lets its requests end.
        let outcome = await Task { await client.run([input]) }.value.first
        underWay -= 1
        switch outcome?.result {
        case .success(let answer):
            answered += 1
            if latenciesS.count < 100_000 { latenciesS.append(answer.latencyS) }
        case .failure(let error):
            failed += 1
            if failures.count < 100 { failures.append("\(error)") }
        case nil: failed += 1
        }
    }

    /// What came in since the last call.
    func take() -> (latenciesS: [Double], failures: [String]) {
        defer {
            latenciesS = []
            failures = []
        }
        return (latenciesS, failures)
    }
}
