import JSON

extension FrontDoorError {
    /// What a front door's refusal says: the sentence in its body, and the first kind of its status.
    init(status: Int, body: [UInt8]) {
        struct Refusal: Decodable {
            var error: String
        }
        let sentence = (try? JSON.decode(Refusal.self, from: body))?.error ?? "the front door answered status \(status)"
        self.init(Kind.allCases.first { $0.statusCode == status } ?? .internalError, sentence)
    }
}
