/// What the layers still to come could ask of each device, at most.
///
/// Flat by `layer * deviceCount + device`: the layers after `layer` that the graph allows on the device.
struct RemainingNeed {
    /// Sum of the weights that could still arrive.
    let weightBytes: [Int]
    /// Largest activation peak that could still arrive; zero where no layer can.
    let activationPeakBytes: [Int]
    /// Can any later layer still come to the device?
    let open: [Bool]
    /// Weights of all later layers, wherever they go; one figure for each layer.
    let totalWeightBytes: [Int]

    init(_ graph: ChainGraph) {
        let count = graph.deviceCount
        var weights = [Int](repeating: 0, count: graph.layerCount * count)
        var peaks = weights
        var open = [Bool](repeating: false, count: weights.count)
        var total = [Int](repeating: 0, count: graph.layerCount)
        for layer in stride(from: graph.layerCount - 2, through: 0, by: -1) {
            total[layer] = total[layer + 1] + graph.weightBytes[layer + 1]
            for device in 0..<count {
                let node = layer * count + device
                let next = node + count
                let arrives = graph.allowed[next]
                weights[node] = weights[next] + (arrives ? graph.weightBytes[layer + 1] : 0)
                peaks[node] = max(peaks[next], arrives ? graph.activationPeakBytes[layer + 1] : 0)
                open[node] = open[next] || arrives
            }
        }
        weightBytes = weights
        activationPeakBytes = peaks
        self.open = open
        totalWeightBytes = total
    }
}
