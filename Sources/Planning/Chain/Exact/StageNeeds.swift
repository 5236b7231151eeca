/// What the steps still to come could ask of each device at most, and which limits can bind at all.
///
/// Flat by `boundary * deviceCount + device`: over the steps that start at the boundary or later.
final class StageNeeds {
    let deviceCount: Int
    /// Can the layer run on the device? Flat by `layer * deviceCount + device`.
    let layerMay: [Bool]
    /// Sum of the weights that could still arrive.
    let weightBytes: [Int]
    /// Largest activation peak that could still arrive; zero where no layer can.
    let peakBytes: [Int]
    /// Can any later step still come to the device?
    let isOpen: [Bool]
    /// Most that the device's load can still grow, moves that leave it at the boundary included; empty without loads.
    let loadToGo: [Double]
    /// Longest hidden load that may still come; empty where there are none.
    let hiddenS: [Double]
    /// Devices whose memory can be too small for what may come to them.
    let memoryDevices: [Int]
    /// Largest activation peak of the layers that only one device can run: it needs room for that anyway.
    let heldPeakBytes: [Int]
    /// Weights of the layers from each boundary on, as far as they cannot go to devices that never fill up.
    let crowdedWeightBytes: [Int]

    init(_ network: ChainNetwork, _ graph: StageGraph) {
        let layerCount = network.layerCount
        let devices = network.deviceCount
        let program = network.program
        deviceCount = devices
        var may = [Bool](repeating: false, count: layerCount * devices)
        var open = [Bool](repeating: false, count: (layerCount + 1) * devices)
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            let last = graph.endBoundary[end]
            let device = network.deviceOf[graph.endMode[end]]
            for layer in (last - graph.arcLength[arc])..<last { may[layer * devices + device] = true }
            open[(last - graph.arcLength[arc]) * devices + device] = true
        }
        var weights = [Int](repeating: 0, count: (layerCount + 1) * devices)
        var peaks = weights
        var held = [Int](repeating: 0, count: devices)
        for layer in stride(from: layerCount - 1, through: 0, by: -1) {
            var only: Int?
            for device in 0..<devices {
                let index = layer * devices + device
                let arrives = may[index]
                weights[index] = weights[index + devices] + (arrives ? program.weightBytes[layer] : 0)
                peaks[index] = max(peaks[index + devices], arrives ? program.workingPeakBytes[layer] : 0)
                open[index] = open[index] || open[index + devices]
                guard arrives else { continue }
                only = only == nil ? device : -1
            }
            if let only, only >= 0 { held[only] = max(held[only], program.workingPeakBytes[layer]) }
        }
        let crowded = (0..<devices).filter { weights[$0] + peaks[$0] > network.capacityBytes[$0] }
        var crowdedBytes = [Int](repeating: 0, count: layerCount + 1)
        for layer in stride(from: layerCount - 1, through: 0, by: -1) {
            let isCrowded = (0..<devices).allSatisfy { !may[layer * devices + $0] || crowded.contains($0) }
            crowdedBytes[layer] = crowdedBytes[layer + 1] + (isCrowded ? program.weightBytes[layer] : 0)
        }
        heldPeakBytes = held
        layerMay = may
        weightBytes = weights
        peakBytes = peaks
        isOpen = open
        memoryDevices = crowded
        crowdedWeightBytes = crowdedBytes
        loadToGo = network.hasLoads ? Self.loads(network, graph) : []
        hiddenS = network.hiddenQuantity != nil ? Self.hidden(network, graph) : []
    }

    private static func hidden(_ network: ChainNetwork, _ graph: StageGraph) -> [Double] {
        let devices = network.deviceCount
        var longest = [Double](repeating: 0, count: (network.layerCount + 1) * devices)
        for arc in 0..<graph.arcCount {
            let end = graph.arcEnd[arc]
            let first = graph.endBoundary[end] - graph.arcLength[arc]
            let index = first * devices + network.deviceOf[graph.endMode[end]]
            longest[index] = max(longest[index], graph.arcHiddenS[arc])
        }
        for index in stride(from: network.layerCount * devices - 1, through: 0, by: -1) {
            longest[index] = max(longest[index], longest[index + devices])
        }
        return longest
    }

    private static func loads(_ network: ChainNetwork, _ graph: StageGraph) -> [Double] {
        let layerCount = network.layerCount
        let deviceCount = network.deviceCount
        var leaving = [Double](repeating: 0, count: (layerCount + 1) * deviceCount)
        for boundary in 1..<max(1, layerCount) {
            var move = graph.moveOffset[boundary]
            for end in graph.ends(boundary) {
                let index = boundary * deviceCount + network.deviceOf[graph.endMode[end]]
                for _ in graph.starts(boundary) {
                    leaving[index] = max(leaving[index], graph.moveLoad[move])
                    move += 1
                }
            }
        }
        var toGo = [Double](repeating: 0, count: (layerCount + 1) * deviceCount)
        for boundary in stride(from: layerCount - 1, through: 0, by: -1) {
            for device in 0..<deviceCount {
                toGo[boundary * deviceCount + device] = toGo[(boundary + 1) * deviceCount + device]
            }
            for start in graph.starts(boundary) {
                let index = boundary * deviceCount + network.deviceOf[graph.startMode[start]]
                for arc in graph.arcs(start) {
                    let after = index + graph.arcLength[arc] * deviceCount
                    toGo[index] = max(toGo[index], graph.arcLoad[arc] + leaving[after] + toGo[after])
                }
            }
        }
        return zip(toGo, leaving).map { $0 + $1 }
    }

    /// What the device has for weights and for activations above those that it holds anyway.
    func roomBytes(_ network: ChainNetwork, _ device: Int) -> Int {
        network.capacityBytes[device] - heldPeakBytes[device]
    }

    /// By how much a layer's activation is above what the device holds anyway.
    func addedPeakBytes(_ network: ChainNetwork, _ layer: Int, on device: Int) -> Int {
        max(0, network.program.workingPeakBytes[layer] - heldPeakBytes[device])
    }

    func layerMay(_ layer: Int, on device: Int) -> Bool { layerMay[layer * deviceCount + device] }

    /// The only device that a layer may go to; nil where it has a choice.
    func onlyDevice(_ layer: Int) -> Int? {
        var only: Int?
        for device in 0..<deviceCount where layerMay(layer, on: device) {
            guard only == nil else { return nil }
            only = device
        }
        return only
    }
}
