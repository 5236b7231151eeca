import Agent
import Cluster
import Costs
import Testing

/// A table whose changes can stand inside an expectation.
private final class Table {
    private(set) var value: LinkTable
    private var now: Duration = .zero

    init(_ links: [AgentConfiguration.PeerLink] = []) { value = LinkTable(configured: links) }

    /// Long after the one before, unless it is said how long.
    func observe(
        _ peer: NodeID, bandwidthBytesPerS: Double?, latencyS: Double?, at time: String, afterS: Double = 60,
        transferCount: Int = 9
    ) -> Bool {
        now += .seconds(afterS)
        return value.observe(
            peer, bandwidthBytesPerS: bandwidthBytesPerS, latencyS: latencyS, transferCount: transferCount, at: time,
            now: now)
    }

    func replaceConfigured(_ links: [AgentConfiguration.PeerLink]) { value.replaceConfigured(links) }

    var announced: [LinkMeasurement] { value.announced }
}

@Suite struct LinkTableTests {
    private let now = "2026-11-20T23:56:59Z"
    private let configured = [AgentConfiguration.PeerLink(peer: "b", bandwidthBytesPerS: 1e6, latencyS: 0.002)]

    @Test func `a runner that begins anew is believed a bandwidth after three transfers, and a latency at once`() {
        let table = Table()
        #expect(table.observe("b", bandwidthBytesPerS: 5e6, latencyS: 0.001, at: now, transferCount: 1))
        #expect(!table.observe("b", bandwidthBytesPerS: 5e5, latencyS: 0.001, at: now, transferCount: 2))
        #expect(table.observe("b", bandwidthBytesPerS: 5e5, latencyS: 0.1, at: now, transferCount: 2))
        #expect(table.announced.map(\.bandwidthBytesPerS) == [5e6])
        #expect(table.observe("b", bandwidthBytesPerS: 5e5, latencyS: 0.1, at: now, transferCount: 3))
        #expect(table.announced.map(\.bandwidthBytesPerS) == [5e5])
    }

    @Test func `a configured bandwidth holds until three transfers have shown another`() {
        let table = Table(configured)
        #expect(!table.observe("b", bandwidthBytesPerS: 1e5, latencyS: 0.002, at: now, transferCount: 2))
        #expect(table.announced.map(\.source) == [LinkMeasurement.configured])
        #expect(table.observe("b", bandwidthBytesPerS: 1e5, latencyS: 0.002, at: now, transferCount: 3))
        #expect(table.announced.map(\.bandwidthBytesPerS) == [1e5])
    }

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

    @Test func `a link that got worse is announced at once, one that got better only after a while`() {
        let table = Table()
        #expect(table.observe("b", bandwidthBytesPerS: 1e6, latencyS: 0, at: now))
        #expect(!table.observe("b", bandwidthBytesPerS: 9e6, latencyS: 0, at: now, afterS: 1))
        #expect(table.announced.map(\.bandwidthBytesPerS) == [1e6])
        #expect(table.observe("b", bandwidthBytesPerS: 1e5, latencyS: 0, at: now, afterS: 1))
        #expect(!table.observe("b", bandwidthBytesPerS: 1e6, latencyS: 0, at: now, afterS: 14))
        #expect(table.observe("b", bandwidthBytesPerS: 1e6, latencyS: 0, at: now, afterS: 1))
        #expect(table.observe("b", bandwidthBytesPerS: 1e6, latencyS: 0.1, at: now, afterS: 1))
    }

    @Test func `what no transfer would notice is not announced`() {
        let table = Table()
        #expect(table.observe("b", bandwidthBytesPerS: 9e8, latencyS: 0, at: now))
        #expect(!table.observe("b", bandwidthBytesPerS: 6e8, latencyS: 0, at: now))
        #expect(table.observe("b", bandwidthBytesPerS: 4e8, latencyS: 0, at: now))
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
