import Glibc

/// Something about the board that is missing, cannot be read or cannot be: where, what, what follows, what to do.
///
/// A faulty file never becomes a number; the figure stays unknown and the fault says why.
public struct BoardFault: Error, Codable, Sendable, Equatable, Hashable, CustomStringConvertible {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case missing
        /// A right is lacking.
        case locked
        case empty
        /// Not the text or the number that should be there.
        case malformed
        /// A number that cannot be.
        case absurd
        /// The kernel or the hardware gave an error.
        case failing
        /// The kernel did not take what was written.
        case refused
        /// A sensor whose figure stays the same while the load changes.
        case stuck
        /// A clock or a meter was silent for too long, or its time went back.
        case gap
    }

    /// Of the file, as on the machine (`/sys/...`), whatever the root.
    public var path: String
    public var kind: Kind
    /// What is wrong.
    public var problem: String
    /// What follows for the person; empty where the problem says all.
    public var consequence: String
    /// Lines for a shell or sentences, in order; empty where nothing can be done.
    public var remedy: [String]

    public init(_ path: String, _ kind: Kind, _ problem: String, consequence: String = "", remedy: [String] = []) {
        self.path = path
        self.kind = kind
        self.problem = problem
        self.consequence = consequence
        self.remedy = remedy
    }

    /// One sentence.
    public var description: String {
        let what = consequence.isEmpty ? problem : "\(problem): \(consequence)"
        return ([path, what].filter { !$0.isEmpty }).joined(separator: ": ")
            + (remedy.isEmpty ? "" : "; " + remedy.joined(separator: "; "))
    }

    /// The same fault with what follows from it.
    public func meaning(_ consequence: String) -> BoardFault {
        var fault = self
        fault.consequence = consequence
        return fault
    }

    init(reading path: String, _ error: SystemErrno) {
        self.init(path, Self.kind(of: error), "cannot be read (\(error))")
        if kind == .locked { remedy = Permission.lines(for: path, to: .read, error) }
    }

    init(writing path: String, _ value: String, _ error: SystemErrno) {
        self.init(
            path, error.isLackOfRights ? .locked : error.isAbsence ? .missing : .refused,
            "the kernel did not take '\(value)' (\(error))")
        if kind == .locked { remedy = Permission.lines(for: path, to: .write, error) }
    }

    private static func kind(of error: SystemErrno) -> Kind {
        if error.isLackOfRights { return .locked }
        if error.isAbsence { return .missing }
        return error.code == EFBIG ? .malformed : .failing
    }

    /// Text of a file as a sentence may carry it.
    static func excerpt(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(40).map { $0.value < 32 ? " " : String($0) }.joined()
        return text.unicodeScalars.count > 40 ? shown + "..." : shown
    }
}
