import Cluster
import Costs

extension PlanRecord {
    /// The layers of the model, without the ends of the way that a request takes.
    var modelLayers: [Plan.Layer] { plan.layers.filter { !["source", "destination"].contains($0.name) } }

    /// Asks for the layers where the plan has them, whatever is best.
    var pins: [LayerPin] { modelLayers.map { LayerPin(layer: $0.name, device: $0.device) } }

    /// Asks for each layer on another device than the one before.
    func pins(inTurn devices: [DeviceID]) -> [LayerPin] {
        modelLayers.enumerated().map { LayerPin(layer: $1.name, device: devices[$0 % devices.count]) }
    }
}
