/// Forbids nodes that no path can use because of layers that have only one device left.
enum MemoryPropagation {
    /// False where a layer is left without a device.
    static func run(_ graph: inout ChainGraph) -> Bool {
        let count = graph.deviceCount
        var changed = true
        while changed {
            changed = false
            var committed = [Int](repeating: 0, count: count)
            var peak = committed
            var owner = [Int?](repeating: nil, count: graph.layerCount)
            for layer in 0..<graph.layerCount {
                var only: Int?
                var choices = 0
                for device in 0..<count where graph.allowed[layer * count + device] {
                    only = device
                    choices += 1
                }
                guard let only else { return false }
                guard choices == 1 else { continue }
                owner[layer] = only
                committed[only] += graph.weightBytes[layer]
                peak[only] = max(peak[only], graph.activationPeakBytes[layer])
            }
            for device in 0..<count where committed[device] + peak[device] > graph.capacityBytes[device] {
                return false
            }
            for layer in 0..<graph.layerCount where owner[layer] == nil {
                for device in 0..<count where graph.allowed[layer * count + device] {
                    let bytes =
                        committed[device] + graph.weightBytes[layer]
                        + max(peak[device], graph.activationPeakBytes[layer])
                    guard bytes > graph.capacityBytes[device] else { continue }
                    graph.allowed[layer * count + device] = false
                    changed = true
                }
            }
        }
        return true
    }
}
