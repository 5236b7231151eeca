/// Where a broker listens: `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
public struct BrokerAddress: Sendable, Equatable, CustomStringConvertible {
    public static let standardPort = 1883

    public var host: String
    public var port: Int

    public init(host: String, port: Int = standardPort) {
        self.host = host
        self.port = port
    }

    /// Nil where the text is no address.
    public init?(_ text: String) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
        }
        let isPlain = host.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "/" && $0 != "[" && $0.value != 0x7F }
        guard !host.isEmpty, isPlain, host.utf8.count <= 255 else { return nil }
        self.host = String(host)
        port = Self.standardPort
        if rest.isEmpty { return }
        guard rest.first == ":", rest.utf8.count <= 6, rest.dropFirst().utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(rest.dropFirst()), (1...65_535).contains(number)
        else { return nil }
        port = number
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
