/// Why there is no estimate: one sentence.
public enum EstimatorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// XGBoost is missing, too old, or failed.
    case library(String)
    /// The file is no estimator, is damaged, or was trained for something else.
    case file(String)
    /// What was asked cannot be estimated or trained.
    case unusable(String)

    public var description: String {
        switch self {
        case .library(let sentence), .file(let sentence), .unusable(let sentence): sentence
        }
    }
}
