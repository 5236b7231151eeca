import Glibc

/// Why the test bed could not do something, in one sentence.
public struct TestbedError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// - Parameter what: what could not be done; the reason is `errno`.
    init(_ what: String, code: Int32) { self.init("\(what): \(String(cString: strerror(code)))") }
}
