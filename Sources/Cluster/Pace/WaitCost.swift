/// What each message between boards takes under a model's shared plans, beside its bytes and the link's latency: what
/// runners, kernels and schedulers add.
public struct MessageCost: Hashable, Sendable, Codable {
    public var model: String
    /// Seconds.
    public var perMessageS: Double
    /// Requests that the figure rests on.
    public var requests: Int
    /// RFC 3339 UTC.
    public var measuredAt: String?

    public init(model: String, perMessageS: Double, requests: Int, measuredAt: String? = nil) {
        self.model = model
        self.perMessageS = perMessageS
        self.requests = requests
        self.measuredAt = measuredAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(String.self, forKey: .model)
        perMessageS = try container.decodeNumber(forKey: .perMessageS)
        requests = try container.decode(Int.self, forKey: .requests)
        measuredAt = try container.decodeIfPresent(String.self, forKey: .measuredAt)
        guard (0...MessageBook.largestS).contains(perMessageS) else {
            throw DecodingError.dataCorruptedError(
                forKey: .perMessageS, in: container,
                debugDescription: "a message takes between 0 and \(MessageBook.largestS) s, not \(perMessageS)")
        }
    }

    enum CodingKeys: String, CodingKey {
        case model, requests
        case perMessageS = "per_message_s"
        case measuredAt = "measured_at"
    }
}
