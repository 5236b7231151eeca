/// Where a source is: `https://` and a host, perhaps with a port and a path. Plain `http://` only to this machine.
public struct FeedBase: Sendable, Equatable {
    /// Without a slash at its end.
    public let text: String
    /// On this machine: plain HTTP is allowed and no proxy is asked.
    public let isLocal: Bool

    public static let maximumBytes = 512

    /// - Throws: ``FeedFault`` of kind `unexpected`: what is wrong with the address.
    public init(_ text: String) throws(FeedFault) {
        func fault(_ problem: String) -> FeedFault {
            FeedFault(.unexpected, "'\(text.prefix(200))' \(problem)", "give an address as https://example.org")
        }
        guard text.utf8.count <= Self.maximumBytes else { throw fault("is longer than \(Self.maximumBytes) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw fault("has spaces or other signs") }
        guard !text.utf8.contains(where: { "?#@\\".utf8.contains($0) }) else {
            throw fault("has a query, a fragment or a user name")
        }
        let scheme = text.hasPrefix("https://") ? "https://" : text.hasPrefix("http://") ? "http://" : nil
        guard let scheme else { throw fault("begins with neither https:// nor http://") }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let host = Self.host(authority) else { throw fault("names no host, or a port that is none") }
        isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(host)
        guard scheme == "https://" || isLocal else {
            throw FeedFault(
                .untrusted, "'\(text.prefix(200))' is not encrypted, and a token would be seen on the way",
                "use https://; only a source on this machine may be asked by http://")
        }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        self.text = text
    }

    private static func host(_ authority: Substring) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[...end]
            let rest = authority[authority.index(after: end)...]
            return rest.isEmpty || isPort(rest) ? String(host) : nil
        }
        let colon = authority.firstIndex(of: ":") ?? authority.endIndex
        let host = authority[..<colon]
        guard !host.isEmpty, authority[colon...].isEmpty || isPort(authority[colon...]) else { return nil }
        return String(host)
    }

    /// `:8080`.
    private static func isPort(_ text: Substring) -> Bool {
        guard text.first == ":", text.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else { return false }
        return Int(text.dropFirst()).map { (1...65_535).contains($0) } ?? false
    }
}
