import Agent
import Cluster
import Costs
import Testing

@Suite struct LiveLinksTests {
    private func device(_ id: DeviceID, on node: NodeID, memory: Double = 1e9) -> Device {
        Device(id: id, node: node, flops: 1e9, memoryBandwidthBytesPerS: memory, memoryBytes: 1000)
    }

    private func board(_ node: NodeID, _ devices: [Device], _ links: [LinkMeasurement] = []) -> NodeCapabilities {
        NodeCapabilities(node: node, version: 1, devices: devices, freeMemoryBytes: 1, links: links)
    }

    private func measured(_ peer: NodeID, _ bandwidth: Double, latencyS: Double = 0) -> LinkMeasurement {
        LinkMeasurement(
            peer: peer, bandwidthBytesPerS: bandwidth, latencyS: latencyS, source: LinkMeasurement.passive,
            measuredAt: "2026-11-20T23:56:59Z")
    }

    private func configured(_ peer: NodeID, _ bandwidth: Double) -> LinkMeasurement {
        LinkMeasurement(peer: peer, bandwidthBytesPerS: bandwidth, latencyS: 0, source: LinkMeasurement.configured)
    }

    /// Between the only devices of the boards a and b.
    private func link(_ a: [LinkMeasurement], _ b: [LinkMeasurement]) -> (link: Link, input: InputSource) {
        let devices = [device("a", on: "a"), device("b", on: "b")]
        let made = LiveLinks.make(
            members: [board("a", [devices[0]], a), board("b", [devices[1]], b)], devices: devices,
            assumedBandwidthBytesPerS: 7)
        return (made.links[0], made.inputs[0])
    }

    @Test func `of two measurements the slower is believed, with its latency`() {
        let made = link([measured("b", 3e6, latencyS: 0.1)], [measured("a", 2e6, latencyS: 0.2)])
        #expect(made.link == Link(between: "a", "b", bandwidthBytesPerS: 2e6, latencyS: 0.2))
        #expect(made.input.source == "passive, 2026-11-20T23:56:59Z")
    }

    @Test func `of two that are equally fast the later one is believed`() {
        #expect(link([measured("b", 2e6, latencyS: 0.1)], [measured("a", 2e6, latencyS: 0.3)]).link.latencyS == 0.3)
    }

    @Test func `a measurement of either end beats what is configured, also where that is slower`() {
        #expect(link([configured("b", 1e3)], [measured("a", 2e6)]).link.bandwidthBytesPerS == 2e6)
        #expect(link([configured("b", 1e3)], [configured("a", 2e3)]).link.bandwidthBytesPerS == 1e3)
        #expect(link([configured("b", 1e3)], []).input.source == "configured")
    }

    @Test func `where nobody knows the link is assumed, and said to be`() {
        let made = link([], [measured("c", 1)])
        #expect(made.link.bandwidthBytesPerS == 7)
        #expect(made.input.source.contains("assumed"))
    }

    @Test func `devices of one board meet in its memory, and each pair has one link`() {
        let devices = [device("a1", on: "a", memory: 4e9), device("a2", on: "a", memory: 2e9), device("b", on: "b")]
        let made = LiveLinks.make(
            members: [board("a", Array(devices[..<2])), board("b", [devices[2]])], devices: devices,
            assumedBandwidthBytesPerS: 7)
        #expect(made.links.map(\.between) == [["a1", "a2"], ["a1", "b"], ["a2", "b"]])
        #expect(made.links[0].bandwidthBytesPerS == 2e9)
        #expect(made.inputs.count == made.links.count)
    }
}
