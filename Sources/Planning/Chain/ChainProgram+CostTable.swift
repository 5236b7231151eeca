import Costs

extension ChainProgram {
    /// The least latency of a problem whose plans only memories, pins and links limit: one mode for each device, one
    /// layer for each step.
    public init(latencyOf table: CostTable) {
        self.init(
            layerCount: table.layerCount, deviceCount: table.deviceCount,
            modes: (0..<table.deviceCount).map { Mode(device: $0) },
            quantities: [Quantity("latency in seconds", deviceCount: table.deviceCount)],
            weightBytes: table.weightBytes, activationPeakBytes: table.activationPeakBytes,
            capacityBytes: zip(table.memoryBytes, table.runtimeBytes).map { max(0, $0 - $1) })
        for layer in 0..<table.layerCount {
            for device in 0..<table.deviceCount {
                if (table.pinned[layer] ?? device) == device {
                    let computeS = table.computeS(layer: layer, device: device)
                    let weightsS = table.weightsS(layer: layer, device: device)
                    setStep(first: layer, length: 1, mode: device, [computeS + weightsS])
                }
                guard layer + 1 < table.layerCount else { continue }
                for next in 0..<table.deviceCount {
                    let transferS = table.transferS(after: layer, from: device, to: next)
                    setMove(boundary: layer + 1, from: device, to: next, [transferS])
                }
            }
        }
    }
}
