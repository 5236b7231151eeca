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
            inputs += Self.powerInputs(device, place: place)
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
        try ask(cluster.application)
    }

    /// What the application asks for besides its places.
    private mutating func ask(_ application: ClusterFile.Application) throws(ProblemError) {
        objective = application.objective ?? objective
        service = application.service ?? (objective == .throughput ? .continuous : service)
        wantedThroughputPerS = application.wantedThroughputPerS
        costModel = application.costModel ?? costModel
        energyScope = application.energyScope ?? energyScope
        constraints = application.constraints ?? constraints
        var wishes = ProblemWishes()
        wishes.privateCount = application.privateCount
        wishes.privateLayers = application.privateLayers ?? []
        self = try wishes.applied(to: self)
    }

    /// Powers and intensity, as far as they are given: what is not is not named, as no plan rests on it.
    private static func powerInputs(_ device: Device, place: String) -> [InputSource] {
        var known: [String] = []
        if device.points.contains(where: { $0.computePowerW != nil }) { known.append("compute power") }
        if device.idlePowerW != nil { known.append("idle power") }
        if device.transferPower != nil { known.append("transfer power") }
        var inputs: [InputSource] = []
        if !known.isEmpty {
            inputs.append(InputSource(figure: "device \(device.id): " + known.joined(separator: ", "), source: place))
        }
        if device.points.count > 1 {
            inputs.append(
                InputSource(figure: "device \(device.id): \(device.points.count) operating points", source: place))
        }
        if device.intensityGPerKwh != nil {
            let zone = device.zone.map { " of zone \($0)" } ?? ""
            inputs.append(InputSource(figure: "device \(device.id): carbon intensity\(zone)", source: place))
        }
        return inputs
    }
}
