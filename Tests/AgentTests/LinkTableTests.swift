import Agent
import Cluster
import Costs
import Testing

/// A table whose changes can stand inside an expectation.
private final class Table {
    private(set) var value: LinkTable

    init(_ links: [AgentConfiguration.PeerLink] = []) { value = LinkTable(configured: links) }

    func observe(_ peer: NodeID, bandwidthBytesPerS: Double?, latencyS: Double?, at time: String) -> Bool {
        value.observe(peer, bandwidthBytesPerS: bandwidthBytesPerS, latencyS: latencyS, at: time)
    }

    func replaceConfigured(_ links: [AgentConfiguration.PeerLink]) { value.replaceConfigured(links) }

    var announced: [LinkMeasurement] { value.announced }
}

@Suite struct LinkTableTests {
    private let now = "2026-11-20T23:56:59Z"
    private let configured = [AgentConfiguration.PeerLink(peer: "b", bandwidthBytesPerS: 1e6, latencyS: 0.002)]

    @Test func `what the configuration says holds until transfers show another figure`() {
        let table = Table(configured)
        #expect(table.announced.map(\.source) == [LinkMeasurement.configured])
        #expect(table.observe("b", bandwidthBytesPerS: 2e6, latencyS: nil, at: now))
        #expect(
            table.announced == [
                LinkMeasurement(
                    peer: "b", bandwidthBytesPerS: 2e6, latencyS: 0.002, source: LinkMeasurement.passive,
                    measuredAt: now)
            ])
    }

    @Test func `a small change is not announced, and small changes do not add up unseen`() {
        let table = Table()
        #expect(table.observe("b", bandwidthBytesPerS: 1e6, latencyS: 0, at: now))
        #expect(!table.observe("b", bandwidthBytesPerS: 1.04e6, latencyS: 0, at: now))
        // Compared with what was announced, not with what was seen last.
        #expect(table.observe("b", bandwidthBytesPerS: 1.08e6, latencyS: 0, at: now))
        #expect(!table.observe("b", bandwidthBytesPerS: 1.08e6, latencyS: 0.0009, at: now))
        #expect(table.observe("b", bandwidthBytesPerS: 1.08e6, latencyS: 0.005, at: now))
    }

    @Test(arguments: [Double.nan, .infinity, 0, -1])
    func `a bandwidth that no link has is not taken`(bandwidth: Double) {
        let table = Table(configured)
        #expect(!table.observe("b", bandwidthBytesPerS: bandwidth, latencyS: 0, at: now))
        #expect(table.announced.map(\.bandwidthBytesPerS) == [1e6])
    }

    @Test func `a latency alone needs a bandwidth from before`() {
        let table = Table(configured)
        #expect(!table.observe("c", bandwidthBytesPerS: nil, latencyS: 0.1, at: now))
        #expect(table.observe("b", bandwidthBytesPerS: nil, latencyS: 0.1, at: now))
        #expect(table.announced.map(\.peer) == ["b"])
        #expect(!table.observe("b", bandwidthBytesPerS: 1e6, latencyS: -1, at: now))
    }

    @Test func `only so many peers are remembered, those that are keep being measured`() {
        let table = Table()
        for number in 0..<LinkTable.maximumPeers + 10 {
            _ = table.observe(NodeID("n\(number)"), bandwidthBytesPerS: 1e6, latencyS: 0, at: now)
        }
        #expect(table.announced.count == LinkTable.maximumPeers)
        #expect(table.observe("n0", bandwidthBytesPerS: 5e6, latencyS: 0, at: now))
    }

    @Test func `a configuration that was read again replaces its own figures only`() {
        let table = Table(configured)
        _ = table.observe("c", bandwidthBytesPerS: 3e6, latencyS: 0, at: now)
        table.replaceConfigured([.init(peer: "d", bandwidthBytesPerS: 4e6)])
        #expect(table.announced.map(\.peer) == ["c", "d"])
    }
}
