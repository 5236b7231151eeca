/// A run of operators between two cut points: what a chain planner assigns to a device.
public struct GraphLayer: Sendable, Equatable {
    public let index: Int
    /// Unique in its model: the name of the operator that gives the layer its character.
    public let name: String
    public let operators: Range<Int>
    /// Activations that enter; one, except for the first layer of a model with several inputs.
    public let inputTensors: [String]
    /// Activations that leave; one, except for the last layer of a model with several outputs.
    public let outputTensors: [String]
    /// Operations of one inference, in FLOP (twice the multiply-accumulates).
    public let flop: Double
    /// Bytes of the weights that it needs, each counted once in the layer.
    public let weightBytes: Int
    public let outputBytes: Int
    /// Largest sum of live activations while it runs, its input and output included.
    public let activationPeakBytes: Int
    /// Bytes beside the weights that a runner takes to load it or to run it.
    public let runnerPeakBytes: Int
    /// Names of its weights, each once.
    public let weights: [String]

    /// The tensor that enters (the first, where the model has several inputs).
    public var inputTensor: String { inputTensors.first ?? "" }
    /// The tensor that leaves (the first, where the model has several outputs).
    public var outputTensor: String { outputTensors.first ?? "" }
}

extension ModelGraph {
    /// The model as a chain of layers, together all operators.
    ///
    /// `operator`: a layer between every two neighbouring cut points. `layer`: such pieces joined so that each layer
    /// but the first starts with a piece that contains a convolution or linear operator; what comes before the first
    /// such piece belongs to the first layer.
    public func layers(_ granularity: LayerGranularity) -> [GraphLayer] {
        var boundaries = [0] + cutPoints.filter { $0 > 0 && $0 < operators.count }
        if granularity == .layer { boundaries = joined(boundaries) }
        boundaries.append(operators.count)
        let crossing = tensors(crossing: boundaries)
        return (0..<(boundaries.count - 1)).map { index in
            let range = boundaries[index]..<boundaries[index + 1]
            let character = operators[range].first(where: \.isConvolutionOrLinear) ?? operators[range.lowerBound]
            return GraphLayer(
                index: index, name: character.name, operators: range, inputTensors: crossing[index],
                outputTensors: crossing[index + 1], flop: operators[range].reduce(0) { $0 + $1.flop },
                weightBytes: weightBytes(of: range),
                outputBytes: activationBytes(of: crossing[index + 1]),
                activationPeakBytes: activationPeakBytes(of: range),
                runnerPeakBytes: runnerPeakBytes(
                    of: range, entering: crossing[index], leaving: crossing[index + 1]), weights: weights(of: range))
        }
    }

    /// Keeps the start of the graph and the starts of pieces that begin a layer.
    private func joined(_ starts: [Int]) -> [Int] {
        var kept = [0]
        var hasCharacter = false
        for (position, start) in starts.enumerated() {
            let end = position + 1 < starts.count ? starts[position + 1] : operators.count
            guard operators[start..<end].contains(where: \.isConvolutionOrLinear) else { continue }
            if hasCharacter { kept.append(start) }
            hasCharacter = true
        }
        return kept
    }
}
