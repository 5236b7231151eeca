import Costs
import ModelGraph

extension Problem {
    /// The problem of a model on the cluster that a file describes; `inputs` says what each figure rests on.
    ///
    /// - Parameters:
    ///   - model: as messages shall call it, in most cases its file.
    ///   - clusterName: as messages shall call the cluster file.
    public init(
        model: String, graphLayers: [GraphLayer], inputBytes: Int, cluster: ClusterFile, clusterName: String
    ) throws(ProblemError) {
        var inputs = [
            InputSource(
                figure: "layers: FLOP, weights, tensors, activation peaks",
                source: "counted from the operators and shapes of \(model)")
        ]
        let place = "given in \(clusterName)"
        for device in cluster.devices {
            inputs.append(
                InputSource(figure: "device \(device.id): speed, memory bandwidth, memory offered", source: place))
            if device.runtimeBytes == nil {
                inputs.append(
                    InputSource(
                        figure: "device \(device.id): memory of the runtime",
                        source: "unknown, counted as not planned for"))
            }
        }
        for link in cluster.links {
            inputs.append(
                InputSource(
                    figure: "link \(link.between.map(\.name).joined(separator: "-")): bandwidth, latency", source: place
                ))
        }
        try self.init(
            model: model, graphLayers: graphLayers, inputBytes: inputBytes, devices: cluster.devices,
            links: cluster.links, source: cluster.application.source, destination: cluster.application.destination,
            rawInputBytes: cluster.application.rawInputBytes,
            preprocessOperations: cluster.application.preprocessOperations,
            weights: cluster.application.weights ?? .everyInference,
            pins: cluster.pins.map { (layer: $0.layer, device: $0.device) }, inputs: inputs)
    }
}
