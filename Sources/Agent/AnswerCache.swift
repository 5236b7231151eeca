import Cluster

/// The last answers, for clients that lost their connection before they had read one and ask again.
struct AnswerCache {
    static let maximumAnswers = 256
    static let maximumBytes = 16 << 20

    private var answers: [RequestID: InferenceAnswer] = [:]
    private var order: [RequestID] = []
    private var bytes = 0

    subscript(id: RequestID) -> InferenceAnswer? { answers[id] }

    mutating func keep(_ answer: InferenceAnswer, for id: RequestID) {
        let size = answer.output.bytes.count
        guard size <= Self.maximumBytes, answers[id] == nil else { return }
        answers[id] = answer
        order.append(id)
        bytes += size
        while order.count > Self.maximumAnswers || bytes > Self.maximumBytes {
            let oldest = order.removeFirst()
            bytes -= answers.removeValue(forKey: oldest)?.output.bytes.count ?? 0
        }
    }
}
