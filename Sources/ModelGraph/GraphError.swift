/// What is wrong with a graph, where, and what to do about it.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case unsupportedOperator(node: String, type: String, domain: String)
    case unsupportedVersion(domain: String, version: Int)
    case controlFlow(node: String, type: String)
    case duplicateName(String)
    case missingTensor(node: String, tensor: String)
    case cycle(node: String)
    case unknownDimension(tensor: String, reason: String)
    case invalidOperator(node: String, type: String, reason: String)
    case limitExceeded(what: String, value: String, limit: String)
    case invalidRange(String)
    case constantOutput(String)

    public var description: String {
        switch self {
        case .empty:
            "the graph has no operator that depends on an input; export the model again with its inputs"
        case .unsupportedOperator(let node, let type, let domain):
            "operator \(type)\(domain.isEmpty ? "" : " of domain \(domain)") at node '\(node)' is not supported; "
                + "export the model with standard operators (docs/onnx-format.md lists them)"
        case .unsupportedVersion(let domain, let version):
            "operator set \(domain.isEmpty ? "ai.onnx" : domain) version \(version) is not supported; "
                + "export the model with opset 18"
        case .controlFlow(let node, let type):
            "control flow (\(type) at node '\(node)') cannot be split; export the model without loops and branches"
        case .duplicateName(let name):
            "the name '\(name)' is produced twice; every tensor must have one producer, so export the model again"
        case .missingTensor(let node, let tensor):
            "'\(node)' uses tensor '\(tensor)', which nothing produces; the file is incomplete, so export it again"
        case .cycle(let node):
            "the operators form a cycle through node '\(node)'; the file is broken, so export it again"
        case .unknownDimension(let tensor, let reason):
            "the shape of tensor '\(tensor)' is not known (\(reason)); export the model with fixed shapes"
        case .invalidOperator(let node, let type, let reason):
            "\(type) at node '\(node)': \(reason); the file is broken, so export it again"
        case .limitExceeded(let what, let value, let limit):
            "\(what) is \(value), more than the limit of \(limit); use a smaller model or export it with smaller shapes"
        case .invalidRange(let reason):
            "\(reason); choose boundaries that the list of layers names"
        case .constantOutput(let name):
            "output '\(name)' does not depend on any operator; remove it from the model's outputs"
        }
    }
}
