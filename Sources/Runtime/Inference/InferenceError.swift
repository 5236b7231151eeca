/// Why a model could not be loaded or run, in one sentence.
public struct InferenceError: Error, CustomStringConvertible, Equatable {
    public enum Kind: Sendable, Equatable {
        /// ONNX Runtime itself cannot be used.
        case runtime
        /// The model or its weights are wrong.
        case model
        /// The tensors given do not fit the model.
        case input
        /// The run failed.
        case run
    }

    public let kind: Kind
    public let sentence: String

    public init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    public var description: String { sentence }
}
