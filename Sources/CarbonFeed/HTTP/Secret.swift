/// A token or password. It never shows itself: not in a description, a dump or a log.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let text: String

    public static let maximumBytes = 8192

    /// - Returns: nil unless the text is printable ASCII without spaces: anything else could not stand in a header.
    public init?(_ text: String) {
        guard (1...Self.maximumBytes).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.text = text
    }

    public var description: String { "(not shown)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The two parts of `user:password`; nil without a colon or with an empty part.
    func split() -> (user: Secret, password: Secret)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        guard let user = Secret(String(text[..<colon])),
            let password = Secret(String(text[text.index(after: colon)...]))
        else { return nil }
        return (user, password)
    }
}
