import Cluster
import Costs
import ModelGraph

/// The planner's problem for one model on the boards that are there.
enum LiveProblem {
    /// - Parameters:
    ///   - layers: the model's, at the granularity in which the plan shall be made.
    ///   - inputBytes: size of the model's input tensor, which enters at the source.
    ///   - outputBytes: size of the result, which must arrive at the destination.
    /// - Throws: ``LiveProblemError`` where the source or destination is on no live board.
    static func make(
        model: ModelRecord, layers: [GraphLayer], inputBytes: Int, outputBytes: Int, members: [NodeCapabilities],
        assumedBandwidthBytesPerS: Double
    ) throws -> Problem {
        let members = members.sorted { $0.node < $1.node }
        let devices = members.flatMap(\.devices).sorted { $0.id < $1.id }
        for (end, device) in [("source", model.source), ("destination", model.destination)] {
            guard devices.contains(where: { $0.id == device }) else {
                throw LiveProblemError(
                    "model \(model.name): its \(end) \(device) is on no live board "
                        + "(live: \(members.map(\.node.name).joined(separator: ", ")))")
            }
        }
        let (links, linkInputs) = LiveLinks.make(
            members: members, devices: devices, assumedBandwidthBytesPerS: assumedBandwidthBytesPerS)
        let deviceInputs = devices.map {
            InputSource(figure: "FLOP/s and memory of \($0.id)", source: "configuration of \($0.node)")
        }
        let source = PlannedLayer(
            name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: inputBytes,
            activationPeakBytes: inputBytes)
        let destination = PlannedLayer(
            name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: outputBytes,
            activationPeakBytes: outputBytes)
        let all = [source] + layers.map { PlannedLayer($0) } + [destination]
        return Problem(
            model: model.name, layers: all, devices: devices, links: links, source: model.source,
            destination: model.destination, objective: .latency, weights: .resident,
            pins: [Pin(layer: 0, device: model.source), Pin(layer: all.count - 1, device: model.destination)],
            inputs: deviceInputs + linkInputs)
    }
}

/// Why there is no problem to solve, in one sentence.
struct LiveProblemError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

extension PlannedLayer {
    /// A layer of a model's graph, as planners see it.
    public init(_ layer: GraphLayer) {
        self.init(
            name: layer.name, flop: layer.flop, weightBytes: layer.weightBytes, outputBytes: layer.outputBytes,
            activationPeakBytes: layer.activationPeakBytes)
    }
}
