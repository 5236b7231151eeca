import Sharing

/// What a search adds up.
package struct SegmentPricing: Sendable {
    /// False: a device gets what it lacks over one link after the other, and links have no latency (`PublishedTerms`).
    /// True: over all links at once, each with its latency, which is nearer to `SharedSchedule`.
    package var overlapsLinks = false
    /// Seconds for each byte of weights that a device holds, by device: Lagrange multipliers of the devices' memories
    /// (nil: memory is free).
    package var perWeightByteS: [Double]?
    /// True: every device has the graph's inputs already, as where a published sum leaves their way out.
    package var inputsAreEverywhere = false
    /// Times that count in place of FLOP / speed and bytes / bandwidth (nil: none).
    var times: ShareTimes?

    package static let published = SegmentPricing()

    package init(
        overlapsLinks: Bool = false, perWeightByteS: [Double]? = nil, inputsAreEverywhere: Bool = false
    ) {
        self.overlapsLinks = overlapsLinks
        self.perWeightByteS = perWeightByteS
        self.inputsAreEverywhere = inputsAreEverywhere
    }

    func weightsS(_ needs: [RegionNeeds?], _ shared: SharedGraph) -> Double {
        guard let perWeightByteS else { return 0 }
        var sum = 0.0
        for (need, price) in zip(needs, perWeightByteS) where price > 0 {
            for weight in need?.weights ?? [] { sum += price * Double(shared.byteCount(weight)) }
        }
        return sum
    }
}
