/// What is wrong with a problem, an assignment or a cluster file, in one sentence that says where and what to do.
public struct ProblemError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
