/// Layers of which a device can hold all but one of a smallest set that does not fit: `sum of x[l,d] <= limit`.
///
/// A cover of a memory limit, extended by every layer at least as heavy (Balas: "Facets of the knapsack polytope",
/// Mathematical Programming 8, 1975). It forbids fractional fillings that the memory limit alone lets through.
struct MemoryCover: Equatable {
    let device: Int
    /// Ascending.
    let layers: [Int]
    let limit: Int

    /// A cover among the layers that a path puts on a device, where they do not fit; nil where they do.
    static func violated(
        by owner: [Int], on device: Int, _ network: ChainNetwork, _ needs: StageNeeds
    ) -> MemoryCover? {
        let weightOf = network.program.weightBytes
        let peakOf = owner.indices.map { needs.addedPeakBytes(network, $0, on: device) }
        let own = owner.indices.filter { owner[$0] == device }
        let weights = own.reduce(0) { $0 + weightOf[$1] }
        let peak = own.map { peakOf[$0] }.max() ?? 0
        let capacity = needs.roomBytes(network, device)
        guard weights + peak > capacity else { return nil }
        let possible = (0..<network.layerCount).filter { needs.layerMay($0, on: device) }
        let leastPeak = possible.map { peakOf[$0] }.min() ?? 0
        let heaviestFirst = own.sorted { (-weightOf[$0], $0) < (-weightOf[$1], $1) }

        /// The fewest of the layers, heaviest first, whose weights and the peak exceed the capacity.
        func cover(startingWith start: [Int], peak: Int) -> [Int]? {
            var chosen = start
            var bytes = start.reduce(peak) { $0 + weightOf[$1] }
            for layer in heaviestFirst where !start.contains(layer) {
                if bytes > capacity { break }
                chosen.append(layer)
                bytes += weightOf[layer]
            }
            return bytes > capacity ? chosen : nil
        }
        /// Adds each layer that could stand for any of the cover's: as heavy as its heaviest, with the peak needed.
        func extended(_ cover: [Int], neededPeak: Int) -> MemoryCover {
            let heaviest = cover.map { weightOf[$0] }.max() ?? 0
            let layers = possible.filter { layer in
                cover.contains(layer) || (weightOf[layer] >= heaviest && peakOf[layer] >= neededPeak)
            }
            return MemoryCover(device: device, layers: layers, limit: cover.count - 1)
        }

        // Weights that are too much with any activation; or, with fewer layers, with the largest activation among them.
        let byWeight = cover(startingWith: [], peak: leastPeak)
        let largest = own.first { peakOf[$0] == peak } ?? own[0]
        let byPeak = cover(startingWith: [largest], peak: peak)
        if let byWeight, byWeight.count <= byPeak?.count ?? .max { return extended(byWeight, neededPeak: 0) }
        guard let byPeak else { return nil }
        let covered = byPeak.reduce(0) { $0 + weightOf[$1] }
        return extended(byPeak, neededPeak: capacity - covered + 1)
    }
}
