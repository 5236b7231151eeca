import ModelGraph

/// Why a model file cannot be used: which file, what is wrong, what to do.
public struct ImportError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case unreadable(reason: String)
        case notONNX(reason: String)
        case graph(GraphError)
        case unsupportedElementType(tensor: String, number: Int)
        case invalidTensor(tensor: String, reason: String)
        case missingWeights(tensor: String, dataFile: String, expectedBytes: Int, foundBytes: Int)
        case weightsElsewhere(tensor: String)
        case escapingPath(tensor: String, location: String)
        case limitExceeded(what: String, value: String, limit: String)
        case unsupportedContent(String)
        case nothingToFill
        case cannotWrite(path: String, reason: String)
    }

    public let file: String
    public let problem: Problem

    public init(file: String, _ problem: Problem) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file): \(sentence)" }

    private var sentence: String {
        switch problem {
        case .unreadable(let reason):
            "cannot be read: \(reason); check the path and its permissions"
        case .notONNX(let reason):
            "is not a complete ONNX file (\(reason)); copy or export it again"
        case .graph(let error):
            error.description
        case .unsupportedElementType(let tensor, let number):
            "tensor '\(tensor)' has element type \(number) of the ONNX format, which is not supported; "
                + "export the model with float, integer or boolean tensors"
        case .invalidTensor(let tensor, let reason):
            "tensor '\(tensor)' is broken: \(reason); export the model again"
        case .missingWeights(let tensor, let dataFile, let expected, let found):
            "weights of tensor '\(tensor)' are missing: \(expected) bytes expected in '\(dataFile)', \(found) found; "
                + "put the data file beside the model, or fill it with 'lamella model fill'"
        case .weightsElsewhere(let tensor):
            "weights of tensor '\(tensor)' are known by their hash only; use the model file that they came from"
        case .escapingPath(let tensor, let location):
            "external data of tensor '\(tensor)' lies at '\(location)', outside of the model's folder; "
                + "export the model with its data beside it"
        case .limitExceeded(let what, let value, let limit):
            "\(what) is \(value), more than the limit of \(limit); use a smaller model"
        case .unsupportedContent(let what):
            "contains \(what), which is not supported; export the model with plain tensors and operators"
        case .nothingToFill:
            "has no external data to fill; use it as it is"
        case .cannotWrite(let path, let reason):
            "cannot write '\(path)': \(reason); choose another output folder"
        }
    }
}
