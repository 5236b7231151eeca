import ModelGraph

extension Problem {
    /// The problem of a model's layers: the chain `source`, `preprocess` (where asked for), the layers, `destination`.
    ///
    /// The pseudo layers are those of the dissertation's experiments: the source captures the raw input, the
    /// preprocessing turns it into the model's input and may run anywhere, the destination takes the result.
    ///
    /// - Parameters:
    ///   - inputBytes: the model's inputs together.
    ///   - rawInputBytes: what the source captures (nil: the model's input itself).
    ///   - preprocessOperations: FLOP between raw input and model input (nil: none; with a raw input of another size
    ///     there is then a step without cost, because something must make the model's input of it).
    ///   - devices: where what a runner holds is known of any, what it takes for a layer counts as well.
    ///   - pins: by layer name.
    /// - Throws: where a pin names a layer that is not there; and what `validate` finds.
    public init(
        model: String, graphLayers: [GraphLayer], inputBytes: Int, devices: [Device], links: [Link], source: DeviceID,
        destination: DeviceID, rawInputBytes: Int? = nil, preprocessOperations: Double? = nil,
        weights: WeightsPolicy = .everyInference, pins: [(layer: String, device: DeviceID)] = [],
        inputs: [InputSource] = []
    ) throws(ProblemError) {
        let layers = Self.chain(
            graphLayers, inputBytes: inputBytes, rawInputBytes: rawInputBytes,
            preprocessOperations: preprocessOperations, haveRunners: devices.contains { $0.runtimeBytes != nil })
        var numbered: [Pin] = []
        for pin in pins {
            guard let index = layers.firstIndex(where: { $0.name == pin.layer }) else {
                throw ProblemError(
                    "pin of layer \(pin.layer): \(model) has no layer of this name; the layers are "
                        + LayerNames.list(layers))
            }
            numbered.append(Pin(layer: index, device: pin.device))
        }
        self.init(
            model: model, layers: layers, devices: devices, links: links, source: source, destination: destination,
            weights: weights, pins: numbered, inputs: inputs)
        try validate()
    }

    private static func chain(
        _ graphLayers: [GraphLayer], inputBytes: Int, rawInputBytes: Int?, preprocessOperations: Double?,
        haveRunners: Bool
    ) -> [PlannedLayer] {
        let taken = Set(graphLayers.map(\.name))
        func free(_ name: String) -> String { taken.contains(name) ? free(name + "_") : name }
        let rawBytes = rawInputBytes ?? inputBytes
        var layers = [
            PlannedLayer(
                name: free("source"), kind: .source, flop: 0, weightBytes: 0, outputBytes: rawBytes,
                activationPeakBytes: rawBytes)
        ]
        if preprocessOperations != nil || rawBytes != inputBytes {
            layers.append(
                PlannedLayer(
                    name: free("preprocess"), kind: .preprocess, flop: preprocessOperations ?? 0, weightBytes: 0,
                    outputBytes: inputBytes, activationPeakBytes: rawBytes + inputBytes))
        }
        for layer in graphLayers {
            layers.append(
                PlannedLayer(
                    name: layer.name, flop: layer.flop, weightBytes: layer.weightBytes, outputBytes: layer.outputBytes,
                    activationPeakBytes: layer.activationPeakBytes,
                    runnerPeakBytes: haveRunners ? layer.runnerPeakBytes : nil))
        }
        let resultBytes = graphLayers.last?.outputBytes ?? inputBytes
        layers.append(
            PlannedLayer(
                name: free("destination"), kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                activationPeakBytes: resultBytes + 4))
        return layers
    }
}
