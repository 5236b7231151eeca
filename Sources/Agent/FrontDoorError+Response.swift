import JSON

extension FrontDoorError {
    /// What a front door's refusal says: the sentence and the kind in its body, else the first kind of its status.
    init(status: Int, body: [UInt8]) {
        struct Refusal: Decodable {
            var error: String
            var kind: String?
        }
        let refusal = try? JSON.decode(Refusal.self, from: body)
        let kind = refusal?.kind.flatMap { Kind(rawValue: $0) } ?? Kind.allCases.first { $0.statusCode == status }
        self.init(kind ?? .internalError, refusal?.error ?? "the front door answered status \(status)")
    }
}
