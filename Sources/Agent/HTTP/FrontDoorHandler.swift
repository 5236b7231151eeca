import Cluster
import JSON

/// What stands behind the front door. The front door parses, bounds and answers; the handler decides.
///
/// Every method is called from a task of one connection; many run at once. A handler keeps its own deadlines and
/// queue limits, and fails with the kind that says which it was.
public protocol FrontDoorHandler: Sendable {
    /// Runs one request through the plan in force.
    ///
    /// - Parameter requestID: the client's, or a fresh one. A client that lost its connection asks again with the
    ///   same id: the request must still be answered only once.
    func infer(model: String, input: NPYArray, requestID: String) async throws(FrontDoorError) -> InferenceAnswer

    /// Adds or replaces a model.
    ///
    /// - Parameter graphFile: an ONNX file whose large weights are external data, located by SHA-256.
    /// - Throws: kind `missingBlobs` where weights that the graph names are not in the weight store.
    func putModel(name: String, graphFile: [UInt8]) async throws(FrontDoorError) -> ModelRecord

    func removeModel(name: String) async throws(FrontDoorError)

    /// The models of the cluster, in order of name.
    func models() async -> [ModelRecord]

    /// What `GET /v1/status` answers.
    func status() async -> JSONValue
}

/// The answer to one inference request.
public struct InferenceAnswer: Sendable, Equatable {
    public var output: NPYArray
    /// The plan that computed it.
    public var plan: PlanID
    /// From the request's arrival at the source to its result.
    public var latencyS: Double

    public init(output: NPYArray, plan: PlanID, latencyS: Double) {
        self.output = output
        self.plan = plan
        self.latencyS = latencyS
    }
}

/// Why the front door does not do what was asked, in one sentence that the client is shown.
public struct FrontDoorError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, Equatable, CaseIterable {
        /// The request is not well formed, or the tensor is not what the model takes.
        case badRequest
        /// No such path.
        case notFound
        case unknownModel
        case methodNotAllowed
        /// A connection that sends or reads too slowly.
        case requestTimeout
        /// The graph names weights that are not here yet, or an upload does not go on where the partial one ends.
        case missingBlobs, uploadConflict
        case payloadTooLarge
        /// What arrived does not have the SHA-256 that it was sent as.
        case wrongContent
        case queueFull
        case headersTooLarge
        case internalError
        /// The model has no plan now.
        case noPlan
        /// Too many connections, or the agent is stopping.
        case unavailable
        case deadlineExceeded
        case storageFull

        /// Status code of RFC 9110 and RFC 6585.
        public var statusCode: Int {
            switch self {
            case .badRequest: 400
            case .notFound, .unknownModel: 404
            case .methodNotAllowed: 405
            case .requestTimeout: 408
            case .missingBlobs, .uploadConflict: 409
            case .payloadTooLarge: 413
            case .wrongContent: 422
            case .queueFull: 429
            case .headersTooLarge: 431
            case .internalError: 500
            case .noPlan, .unavailable: 503
            case .deadlineExceeded: 504
            case .storageFull: 507
            }
        }
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The refusal of a tensor that does not have the model's type or shape; nil where it has.
    ///
    /// - Parameter expected: an axis that is nil may have any size.
    public static func mismatch(
        of input: NPYArray, model: String, expectedType: String, expectedShape: [Int?]
    ) -> FrontDoorError? {
        let fits =
            input.elementType.rawValue == expectedType && input.shape.count == expectedShape.count
            && zip(input.shape, expectedShape).allSatisfy { $1 == nil || $0 == $1 }
        guard !fits else { return nil }
        let axes = expectedShape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
        return FrontDoorError(
            .badRequest, "model \(model) takes \(expectedType)[\(axes)], but the request is \(input.typeText)")
    }
}
