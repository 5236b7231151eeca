import Cluster
import Costs

/// The links of a problem, out of what the boards say of the network between them.
package enum LiveLinks {
    /// One link for each pair of devices on two boards, and for two devices of one board their memory.
    ///
    /// A measurement beats a configured figure; of two measurements (each end has its own view) the slower is
    /// believed, because a plan must hold in both directions. Where nobody knows, `assumedBandwidthBytesPerS` is
    /// taken and named as such.
    package static func make(
        members: [NodeCapabilities], devices: [Device], assumedBandwidthBytesPerS: Double
    ) -> (links: [Link], inputs: [InputSource]) {
        var measurements: [NodeID: [NodeID: LinkMeasurement]] = [:]
        for member in members {
            for link in member.links { measurements[member.node, default: [:]][link.peer] = link }
        }
        var links: [Link] = []
        var inputs: [InputSource] = []
        for (position, first) in devices.enumerated() {
            for second in devices[(position + 1)...] {
                let figure = "link \(first.id)-\(second.id)"
                if first.node == second.node {
                    let bandwidth = min(first.memoryBandwidthBytesPerS, second.memoryBandwidthBytesPerS)
                    links.append(Link(between: first.id, second.id, bandwidthBytesPerS: bandwidth))
                    inputs.append(InputSource(figure: figure, source: "memory of \(first.node)"))
                    continue
                }
                let views = [
                    measurements[first.node]?[second.node], measurements[second.node]?[first.node],
                ].compactMap { $0 }
                let measured = views.filter { $0.source != LinkMeasurement.configured }
                guard let slowest = (measured.isEmpty ? views : measured).min(by: isSlower) else {
                    links.append(
                        Link(between: first.id, second.id, bandwidthBytesPerS: assumedBandwidthBytesPerS))
                    inputs.append(InputSource(figure: figure, source: "assumed, nobody has measured it"))
                    continue
                }
                links.append(
                    Link(
                        between: first.id, second.id, bandwidthBytesPerS: slowest.bandwidthBytesPerS,
                        latencyS: slowest.latencyS))
                inputs.append(
                    InputSource(
                        figure: figure, source: slowest.measuredAt.map { "\(slowest.source), \($0)" } ?? slowest.source)
                )
            }
        }
        return (links, inputs)
    }

    private static func isSlower(_ left: LinkMeasurement, _ right: LinkMeasurement) -> Bool {
        if left.bandwidthBytesPerS != right.bandwidthBytesPerS {
            return left.bandwidthBytesPerS < right.bandwidthBytesPerS
        }
        return left.latencyS > right.latencyS
    }
}
