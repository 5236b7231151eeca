import Agent

/// What `lamella infer` says of a run.
struct InferenceReport: Encodable {
    /// Different sentences kept of failed requests.
    static let maximumErrors = 10

    var model: String
    var frontDoor: String
    var requests: Int
    var answered: Int
    /// As the source board measured it, from a request's arrival to its result.
    var latency: LatencySummary?
    var wallS: Double
    /// Right rows among the answered ones.
    var accuracy: Double?
    /// The plans that computed answers, in order of their first one.
    var plans: [String]
    var errors: [String]

    init(model: String, frontDoor: String, outcomes: [InferenceClient.Outcome], wallS: Double) {
        self.model = model
        self.frontDoor = frontDoor
        self.wallS = wallS
        requests = outcomes.count
        var latenciesS: [Double] = []
        plans = []
        errors = []
        for outcome in outcomes {
            switch outcome.result {
            case .success(let answer):
                latenciesS.append(answer.latencyS)
                if plans.last != answer.plan, !plans.contains(answer.plan) { plans.append(answer.plan) }
            case .failure(let error):
                if errors.count < Self.maximumErrors, !errors.contains(error.description) {
                    errors.append(error.description)
                }
            }
        }
        answered = latenciesS.count
        latency = LatencySummary(latenciesS)
    }

    /// Compares the answers with the labels; a request's rows are those of its input.
    ///
    /// - Throws: `NPYError` where the outputs are no scores for one class of each row.
    mutating func score(_ outcomes: [InferenceClient.Outcome], expected: [Int]?, rows: Int) throws {
        guard let expected else { return }
        var scored = 0
        var right = 0
        for outcome in outcomes {
            guard case .success(let answer) = outcome.result else { continue }
            let predictions = try TensorRequests.predictions(answer.output)
            guard predictions.count == rows else {
                throw NPYError("the output \(answer.output.typeText) does not have one class for each of \(rows) rows")
            }
            let first = (outcome.index * rows) % expected.count
            scored += rows
            right += zip(predictions, expected[first...]).count { $0 == $1 }
        }
        accuracy = scored == 0 ? nil : Double(right) / Double(scored)
    }

    var text: String {
        var lines = ["\(answered) of \(requests) requests answered by \(frontDoor) in \(Readable.seconds(wallS))"]
        if let latency {
            lines.append(
                "latency: median \(Readable.seconds(latency.medianS)), 95 % below \(Readable.seconds(latency.p95S))")
        }
        if let accuracy { lines.append("accuracy: \(Readable.percent(accuracy))") }
        if !plans.isEmpty { lines.append("plan\(plans.count == 1 ? "" : "s"): \(plans.joined(separator: ", "))") }
        if answered < requests { lines.append("\(requests - answered) failed: \(errors.joined(separator: "; "))") }
        return lines.joined(separator: "\n")
    }

    enum CodingKeys: String, CodingKey {
        case model, requests, answered, latency, accuracy, plans, errors
        case frontDoor = "front_door"
        case wallS = "wall_s"
    }
}
