import JSON
import NIOCore
import NIOHTTP1

/// What the front door answers to one request.
struct HTTPAnswer: Sendable {
    var statusCode: Int
    var headers: HTTPHeaders
    var body: ByteBuffer
    /// An answer to HEAD has the length of a body, but none.
    var omitsBody = false

    init(statusCode: Int, contentType: String, body: ByteBuffer) {
        self.statusCode = statusCode
        self.body = body
        headers = ["Content-Type": contentType, "Content-Length": "\(body.readableBytes)"]
    }

    init(statusCode: Int = 200, json: JSONValue) {
        self.init(
            statusCode: statusCode, contentType: "application/json", body: ByteBuffer(string: JSON.text(json) + "\n"))
    }

    /// `{"error": "<sentence>", "kind": "<kind>"}` with the status of the kind.
    init(refusal: FrontDoorError) {
        self.init(
            statusCode: refusal.kind.statusCode,
            json: ["error": .string(refusal.description), "kind": .string(refusal.kind.rawValue)])
        switch refusal.kind {
        case .queueFull, .noPlan, .unavailable: headers.add(name: "Retry-After", value: "1")
        default: break
        }
    }

    /// An answer to HEAD: a length, and no body.
    init(statusCode: Int, lengthOnly byteCount: Int) {
        self.init(statusCode: statusCode, contentType: "application/octet-stream", body: ByteBuffer())
        headers.replaceOrAdd(name: "Content-Length", value: "\(byteCount)")
        omitsBody = true
    }

    func with(_ name: String, _ value: String) -> HTTPAnswer {
        var answer = self
        answer.headers.replaceOrAdd(name: name, value: value)
        return answer
    }
}

/// Names of the headers that Lamella adds to HTTP.
public enum FrontDoorHeader {
    public static let requestID = "X-Request-Id"
    /// The plan that computed an answer.
    public static let plan = "X-Lamella-Plan"
    public static let latencyS = "X-Lamella-Latency-S"
    /// Bytes of a blob that have arrived, where not all have.
    public static let partialBytes = "X-Lamella-Partial-Bytes"
}
