import Costs

/// The layered graph of a chain: node (layer, device), edge between consecutive layers, path = assignment.
///
/// Figures are flat arrays: a node is `layer * deviceCount + device`, an edge `node * deviceCount + next device`.
struct ChainGraph {
    let layerCount: Int
    let deviceCount: Int
    /// Compute and weights of the node, in seconds.
    let nodeS: [Double]
    /// Transfer from the node to the next layer's device, in seconds; infinite where there is no link.
    let edgeS: [Double]
    /// Nodes that a path may use: pins obeyed, the layer alone fits in the device.
    let allowed: [Bool]
    /// What a device offers to weights and activations: its memory without its runtime, or nothing.
    let capacityBytes: [Int]
    let weightBytes: [Int]
    let workingPeakBytes: [Int]

    init(_ table: CostTable) {
        layerCount = table.layerCount
        deviceCount = table.deviceCount
        capacityBytes = zip(table.memoryBytes, table.runtimeBytes).map { max(0, $0 - $1) }
        weightBytes = table.weightBytes
        workingPeakBytes = table.workingPeakBytes
        var nodeS: [Double] = []
        var edgeS: [Double] = []
        var allowed: [Bool] = []
        for layer in 0..<layerCount {
            for device in 0..<deviceCount {
                nodeS.append(
                    table.computeS(layer: layer, device: device) + table.weightsS(layer: layer, device: device))
                let fits = table.bytesAlone(layer: layer, device: device) <= table.memoryBytes[device]
                allowed.append(fits && (table.pinned[layer] ?? device) == device)
                guard layer + 1 < layerCount else { continue }
                for next in 0..<deviceCount {
                    edgeS.append(table.transferS(after: layer, from: device, to: next))
                }
            }
        }
        self.nodeS = nodeS
        self.edgeS = edgeS
        self.allowed = allowed
    }
}
