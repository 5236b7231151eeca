import Cluster

/// The last answers, for clients that lost their connection before they had read one and ask again.
struct AnswerCache {
    static let maximumAnswers = 256
    static let maximumBytes = 16 << 20

    /// An answer belongs to one model as it was, and to the input that was asked about.
    struct Key: Hashable {
        var graphSHA256: String
        var id: RequestID
        var input: [UInt8]

        /// Without the input, which may be megabytes: clients give each request an id of its own, and equality looks
        /// at the bytes where two are alike.
        func hash(into hasher: inout Hasher) {
            hasher.combine(graphSHA256)
            hasher.combine(id)
        }
    }

    private var answers: [Key: InferenceAnswer] = [:]
    private var order: [Key] = []
    private var bytes = 0

    subscript(key: Key) -> InferenceAnswer? { answers[key] }

    mutating func keep(_ answer: InferenceAnswer, for key: Key) {
        let size = answer.output.bytes.count + key.input.count
        guard size <= Self.maximumBytes, answers[key] == nil else { return }
        answers[key] = answer
        order.append(key)
        bytes += size
        while order.count > Self.maximumAnswers || bytes > Self.maximumBytes {
            let oldest = order.removeFirst()
            bytes -= (answers.removeValue(forKey: oldest)?.output.bytes.count ?? 0) + oldest.input.count
        }
    }
}
