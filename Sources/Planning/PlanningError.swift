import Costs

/// Why a planner has no plan.
public enum PlanningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The problem itself is wrong.
    case invalid(ProblemError)
    /// No assignment satisfies the memories, pins and links; the sentence names what stops it.
    case infeasible(String)
    /// The planner's limit of size or time; the sentence names it.
    case limit(String)
    /// The solver could not be used or failed.
    case solver(String)

    public var description: String {
        switch self {
        case .invalid(let error): error.description
        case .infeasible(let sentence), .limit(let sentence), .solver(let sentence): sentence
        }
    }

    /// The same kind of error, where plans that share operators were tried as well. A problem that is wrong stays as it
    /// is, since no attempt can do better.
    public func norShared(_ error: PlanningError) -> PlanningError {
        let sentence = "no plan where each layer runs on one device (\(self)), and none where they share (\(error))"
        return switch self {
        case .invalid: self
        case .infeasible: .infeasible(sentence)
        case .limit: .limit(sentence)
        case .solver: .solver(sentence)
        }
    }
}
