/// Forbids steps that no schedule can use because of layers that have only one device left.
enum StagePropagation {
    /// False where a layer is left without a device or a device with too much; `changed` tells of steps forbidden.
    static func run(
        _ network: ChainNetwork, _ graph: StageGraph, _ needs: StageNeeds, isKept: inout [Bool], changed: inout Bool
    ) -> Bool {
        let program = network.program
        var committed = [Int](repeating: 0, count: network.deviceCount)
        var peak = committed
        var owner = [Int](repeating: -1, count: network.layerCount)
        for layer in 0..<network.layerCount {
            guard (0..<network.deviceCount).contains(where: { needs.layerMay(layer, on: $0) }) else { return false }
            guard let only = needs.onlyDevice(layer) else { continue }
            owner[layer] = only
            committed[only] += program.weightBytes[layer]
            peak[only] = max(peak[only], program.workingPeakBytes[layer])
        }
        for device in needs.memoryDevices where committed[device] + peak[device] > network.capacityBytes[device] {
            return false
        }
        guard !needs.memoryDevices.isEmpty else { return true }
        // Layers that no roomy device may have must fit in the others together.
        let room = needs.memoryDevices.reduce(0) { $0 + network.capacityBytes[$1] }
        guard room >= needs.crowdedWeightBytes[0] else { return false }
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            let device = network.deviceOf[graph.endMode[end]]
            guard needs.memoryDevices.contains(device) else { continue }
            let last = graph.endBoundary[end]
            var bytes = committed[device]
            var largest = peak[device]
            for layer in (last - graph.arcLength[arc])..<last where owner[layer] != device {
                bytes += program.weightBytes[layer]
                largest = max(largest, program.workingPeakBytes[layer])
            }
            guard bytes + largest > network.capacityBytes[device] else { continue }
            isKept[graph.arcStep[arc]] = false
            changed = true
        }
        return true
    }
}
