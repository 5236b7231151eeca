import CCurl
import Glibc
import Synchronization

/// Asks a web service by libcurl. Certificates are always verified and redirects never followed: a token goes to the
/// host that was named and to no other.
public struct HTTPSource: Sendable {
    /// What one question may cost.
    public struct Limits: Sendable, Equatable {
        /// Longest answer.
        public var bytes = 1 << 20
        /// To the host, its certificate included.
        public var connectS = 10.0
        /// For everything.
        public var totalS = 30.0

        public init() {}
    }

    public var limits: Limits
    private let stop: StopFlag

    public init(limits: Limits = Limits(), stop: StopFlag = StopFlag()) {
        self.limits = limits
        self.stop = stop
    }

    /// Ends a question that is under way, within about a second.
    public final class StopFlag: Sendable {
        private let raised = Mutex(false)

        public init() {}

        public func raise() { raised.withLock { $0 = true } }
        public var isRaised: Bool { raised.withLock { $0 } }
    }

    /// Asks and waits for the whole answer. Blocks: never on the cooperative pool.
    ///
    /// - Parameter isLocal: may the address be plain HTTP, and is no proxy asked?
    /// - Throws: ``FeedFault``: no library, unreachable, untrusted, slow, too long, stopped.
    public func get(_ request: FeedRequest, isLocal: Bool) throws(FeedFault) -> FeedResponse {
        let curl = try CurlLibrary.shared.get()
        guard let handle = curl.create() else {
            throw FeedFault(.noLibrary, "libcurl gave no handle", "is there memory left on this machine?")
        }
        defer { curl.destroy(handle) }
        var call = CurlCall(curl: curl, handle: handle, limits: limits, stop: stop)
        defer { call.release() }
        return try call.run(request, isLocal: isLocal)
    }
}

/// One use of a libcurl handle.
private struct CurlCall {
    /// What the callbacks write to, on the thread that called.
    final class Reception {
        var body: [UInt8] = []
        var isTooLong = false
        let limit: Int
        let stop: HTTPSource.StopFlag

        init(limit: Int, stop: HTTPSource.StopFlag) {
            self.limit = limit
            self.stop = stop
        }
    }

    let curl: CurlLibrary
    let handle: UnsafeMutableRawPointer
    let limits: HTTPSource.Limits
    private let reception: Reception
    private var headers: UnsafeMutableRawPointer?
    private let message: UnsafeMutablePointer<CChar>
    private var refused: [Int32] = []

    init(
        curl: CurlLibrary, handle: UnsafeMutableRawPointer, limits: HTTPSource.Limits, stop: HTTPSource.StopFlag
    ) {
        self.curl = curl
        self.handle = handle
        self.limits = limits
        reception = Reception(limit: limits.bytes, stop: stop)
        message = .allocate(capacity: Int(LAMELLA_CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(LAMELLA_CURL_ERROR_SIZE))
    }

    func release() {
        if let headers { curl.freeAll(headers) }
        message.deallocate()
    }

    mutating func run(_ request: FeedRequest, isLocal: Bool) throws(FeedFault) -> FeedResponse {
        set(LAMELLA_CURL_OPTION_URL, request.url)
        set(LAMELLA_CURL_OPTION_NOSIGNAL, 1)
        set(LAMELLA_CURL_OPTION_FOLLOWLOCATION, 0)
        set(LAMELLA_CURL_OPTION_SSL_VERIFYPEER, 1)
        set(LAMELLA_CURL_OPTION_SSL_VERIFYHOST, 2)
        let https = Int(LAMELLA_CURL_PROTOCOL_HTTPS.rawValue)
        set(
            LAMELLA_CURL_OPTION_PROTOCOLS, isLocal ? https | Int(LAMELLA_CURL_PROTOCOL_HTTP.rawValue) : https)
        if isLocal { set(LAMELLA_CURL_OPTION_NOPROXY, "*") }
        set(LAMELLA_CURL_OPTION_TIMEOUT_MS, Int(limits.totalS * 1000))
        set(LAMELLA_CURL_OPTION_CONNECTTIMEOUT_MS, Int(limits.connectS * 1000))
        set(LAMELLA_CURL_OPTION_USERAGENT, "lamella-carbon-feed")
        authorize(request.authorization)
        let context = Unmanaged.passUnretained(reception).toOpaque()
        receive(into: context)
        check(
            lamella_curl_set_pointer(
                curl.setOption.address, handle, Int32(LAMELLA_CURL_OPTION_ERRORBUFFER.rawValue), message))
        // An option that did not take effect could be the one that verifies certificates.
        guard refused.isEmpty else {
            throw FeedFault(
                .noLibrary, "libcurl refuses an option (code \(refused[0]))", "install libcurl 7.66 or newer")
        }
        let code = withExtendedLifetime(reception) { curl.perform(handle) }
        guard code == LAMELLA_CURL_OK.rawValue else { throw fault(code, request) }
        return answer()
    }

    private mutating func authorize(_ authorization: FeedRequest.Authorization) {
        headers = curl.append(nil, "Accept: application/json")
        switch authorization {
        case .none: break
        case .header(let name, let prefix, let secret):
            headers = curl.append(headers, "\(name): \(prefix)\(secret.text)") ?? headers
        case .basic(let user, let password):
            set(LAMELLA_CURL_OPTION_HTTPAUTH, Int(LAMELLA_CURL_AUTH_BASIC.rawValue))
            set(LAMELLA_CURL_OPTION_USERNAME, user.text)
            set(LAMELLA_CURL_OPTION_PASSWORD, password.text)
        }
        check(
            lamella_curl_set_pointer(
                curl.setOption.address, handle, Int32(LAMELLA_CURL_OPTION_HTTPHEADER.rawValue), headers))
    }

    private mutating func receive(into context: UnsafeMutableRawPointer) {
        let address = curl.setOption.address
        check(
            lamella_curl_set_pointer(address, handle, Int32(LAMELLA_CURL_OPTION_WRITEDATA.rawValue), context))
        check(
            lamella_curl_set_write(address, handle, Int32(LAMELLA_CURL_OPTION_WRITEFUNCTION.rawValue)) {
                bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let reception = Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
                guard reception.body.count + size * count <= reception.limit else {
                    reception.isTooLong = true
                    return 0
                }
                reception.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            })
        check(
            lamella_curl_set_pointer(address, handle, Int32(LAMELLA_CURL_OPTION_XFERINFODATA.rawValue), context))
        check(
            lamella_curl_set_progress(address, handle, Int32(LAMELLA_CURL_OPTION_XFERINFOFUNCTION.rawValue)) {
                context, _, _, _, _ in
                guard let context else { return 0 }
                return Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue().stop.isRaised ? 1 : 0
            })
        set(LAMELLA_CURL_OPTION_NOPROGRESS, 0)
    }

    private func answer() -> FeedResponse {
        var status = 0
        _ = lamella_curl_get_long(
            curl.getInfo.address, handle, Int32(LAMELLA_CURL_INFO_RESPONSE_CODE.rawValue), &status)
        var retryAfterS: Int64 = 0
        _ = lamella_curl_get_offset(
            curl.getInfo.address, handle, Int32(LAMELLA_CURL_INFO_RETRY_AFTER.rawValue), &retryAfterS)
        var contentType: UnsafePointer<CChar>?
        _ = lamella_curl_get_text(
            curl.getInfo.address, handle, Int32(LAMELLA_CURL_INFO_CONTENT_TYPE.rawValue), &contentType)
        return FeedResponse(
            status: status, contentType: contentType.map { String(cString: $0) },
            retryAfterS: retryAfterS > 0 ? Double(retryAfterS) : nil, body: reception.body)
    }

    private func fault(_ code: Int32, _ request: FeedRequest) -> FeedFault {
        // Host and port only: the rest says nothing that helps.
        let host = request.url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        let told = String(cString: message)
        let reason = told.isEmpty ? curl.errorText(code).map { String(cString: $0) } ?? "code \(code)" : told
        func isOneOf(_ codes: lamella_curl_code...) -> Bool { codes.contains { $0.rawValue == UInt32(code) } }
        if reception.isTooLong {
            return FeedFault(
                .tooLong, "\(host) answered with more than \(limits.bytes) bytes", "is --url that of the source?")
        }
        if reception.stop.isRaised { return FeedFault(.stopped, "the question to \(host) was given up", "none needed") }
        if isOneOf(LAMELLA_CURL_TIMED_OUT) {
            return FeedFault(
                .slow, "\(host) did not answer within \(Int(limits.totalS.rounded(.up))) s",
                "nothing, if it stays rare; else is this machine's connection slow?")
        }
        if isOneOf(LAMELLA_CURL_TLS_FAILED, LAMELLA_CURL_CERTIFICATE_REFUSED, LAMELLA_CURL_CA_FILE_UNREADABLE) {
            return FeedFault(
                .untrusted, "the certificate of \(host) is not trusted (\(reason))",
                "is the clock right (timedatectl), and is the package ca-certificates installed?")
        }
        if isOneOf(LAMELLA_CURL_GOT_NOTHING) {
            return FeedFault(.empty, "\(host) closed the connection without an answer", "is --url that of the source?")
        }
        return FeedFault(.unreachable, "\(host) cannot be reached (\(reason))", "is this machine online?")
    }

    private mutating func check(_ code: Int32) {
        if code != LAMELLA_CURL_OK.rawValue { refused.append(code) }
    }

    private mutating func set(_ option: lamella_curl_option, _ value: Int) {
        check(lamella_curl_set_long(curl.setOption.address, handle, Int32(option.rawValue), value))
    }

    /// libcurl keeps a copy of the text.
    private mutating func set(_ option: lamella_curl_option, _ text: String) {
        check(
            text.withCString {
                lamella_curl_set_pointer(curl.setOption.address, handle, Int32(option.rawValue), $0)
            })
    }
}
