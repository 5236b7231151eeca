/// What is waited for beside computing and bytes, as runners, kernels and schedulers add it: by each message between
/// boards under a model's shared plans, or by each request on the board where it enters.
public struct WaitCost: Hashable, Sendable, Codable {
    public var model: String
    /// Seconds.
    public var eachS: Double
    /// Requests that the figure rests on.
    public var requests: Int
    /// RFC 3339 UTC.
    public var measuredAt: String?

    public init(model: String, eachS: Double, requests: Int, measuredAt: String? = nil) {
        self.model = model
        self.eachS = eachS
        self.requests = requests
        self.measuredAt = measuredAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(String.self, forKey: .model)
        eachS = try container.decodeNumber(forKey: .eachS)
        requests = try container.decode(Int.self, forKey: .requests)
        measuredAt = try container.decodeIfPresent(String.self, forKey: .measuredAt)
        guard (0...WaitBook.largestS).contains(eachS) else {
            throw DecodingError.dataCorruptedError(
                forKey: .eachS, in: container,
                debugDescription: "a message or a request takes between 0 and \(WaitBook.largestS) s, not \(eachS)")
        }
    }

    enum CodingKeys: String, CodingKey {
        case model, requests
        case eachS = "each_s"
        case measuredAt = "measured_at"
    }
}
