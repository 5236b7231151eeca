/// One question to a source, by GET.
public struct FeedRequest: Sendable, Equatable {
    public enum Authorization: Sendable, Equatable {
        case none
        /// A header whose value is the secret, after a prefix as `Bearer `.
        case header(name: String, prefix: String, Secret)
        /// HTTP's basic authentication.
        case basic(user: Secret, password: Secret)
    }

    public var url: String
    public var authorization: Authorization

    public init(url: String, authorization: Authorization = .none) {
        self.url = url
        self.authorization = authorization
    }

    /// A path below a base and a query, with the values percent-encoded (RFC 3986, section 2).
    public static func url(_ base: FeedBase, _ path: String, query: [(name: String, value: String)] = []) -> String {
        let pairs = query.map { $0.name + "=" + encoded($0.value) }
        return base.text + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a source answered.
public struct FeedResponse: Sendable, Equatable {
    public var status: Int
    public var contentType: String?
    /// `Retry-After` in seconds from now.
    public var retryAfterS: Double?
    public var body: [UInt8]

    public init(status: Int, contentType: String? = nil, retryAfterS: Double? = nil, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.retryAfterS = retryAfterS
        self.body = body
    }
}
