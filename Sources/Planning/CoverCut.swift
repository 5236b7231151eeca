/// Layers of which a device can hold all but one of a smallest set that does not fit: `sum of x[l,d] <= limit`.
///
/// A cover of a memory limit, extended by every layer at least as heavy (Balas: "Facets of the knapsack polytope",
/// Mathematical Programming 8, 1975). It forbids fractional fillings that the memory limit alone lets through.
struct CoverCut: Equatable {
    let device: Int
    /// Ascending.
    let layers: [Int]
    let limit: Int

    /// A cover among the layers that a path puts on a device, where they do not fit; nil where they do.
    static func violated(by path: [Int], on device: Int, in graph: ChainGraph) -> CoverCut? {
        let own = path.indices.filter { path[$0] == device }
        let weights = own.reduce(0) { $0 + graph.weightBytes[$1] }
        let peak = own.map { graph.activationPeakBytes[$0] }.max() ?? 0
        let capacity = graph.capacityBytes[device]
        guard weights + peak > capacity else { return nil }
        let possible = (0..<graph.layerCount).filter { graph.allowed[$0 * graph.deviceCount + device] }
        let leastPeak = possible.map { graph.activationPeakBytes[$0] }.min() ?? 0
        let heaviestFirst = own.sorted { (-graph.weightBytes[$0], $0) < (-graph.weightBytes[$1], $1) }

        // Weights that are too much with any activation; or, with fewer layers, with the largest activation among them.
        let byWeight = cover(heaviestFirst, startingWith: [], peak: leastPeak, graph, capacity)
        let largest = own.first { graph.activationPeakBytes[$0] == peak } ?? own[0]
        let byPeak = cover(heaviestFirst, startingWith: [largest], peak: peak, graph, capacity)
        if let byWeight, byWeight.count <= byPeak?.count ?? .max {
            return extended(byWeight, device, possible, neededPeak: 0, graph)
        }
        guard let byPeak else { return nil }
        let covered = byPeak.reduce(0) { $0 + graph.weightBytes[$1] }
        return extended(byPeak, device, possible, neededPeak: capacity - covered + 1, graph)
    }

    /// The fewest of the layers, heaviest first, whose weights and the peak exceed the capacity; nil where all do not.
    private static func cover(
        _ heaviestFirst: [Int], startingWith start: [Int], peak: Int, _ graph: ChainGraph, _ capacity: Int
    ) -> [Int]? {
        var chosen = start
        var bytes = start.reduce(peak) { $0 + graph.weightBytes[$1] }
        for layer in heaviestFirst where !start.contains(layer) {
            if bytes > capacity { break }
            chosen.append(layer)
            bytes += graph.weightBytes[layer]
        }
        return bytes > capacity ? chosen : nil
    }

    /// Adds each layer that could stand for any of the cover's: as heavy as its heaviest, and with the peak needed.
    private static func extended(
        _ cover: [Int], _ device: Int, _ possible: [Int], neededPeak: Int, _ graph: ChainGraph
    ) -> CoverCut {
        let heaviest = cover.map { graph.weightBytes[$0] }.max() ?? 0
        let layers = possible.filter { layer in
            cover.contains(layer)
                || (graph.weightBytes[layer] >= heaviest && graph.activationPeakBytes[layer] >= neededPeak)
        }
        return CoverCut(device: device, layers: layers, limit: cover.count - 1)
    }
}
