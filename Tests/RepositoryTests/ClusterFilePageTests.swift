import Board
import Costs
import Foundation
import Testing

/// The example of the page about cluster files, which people copy.
@Suite struct ClusterFilePageTests {
    @Test func `the example is accepted, and says what the page says`() throws {
        let page = try Repository.text("docs/cluster-file.md")
        let example = try #require(page.components(separatedBy: "```toml\n").last).components(separatedBy: "```")[0]
        let file = try ClusterFile.parse(example, name: "docs/cluster-file.md")
        #expect(file.application.constraints?.maximumLatencyS == 0.5)
        #expect(file.devices.map(\.points.count) == [2, 1])
        #expect(file.links[0].reverseBandwidthBytesPerS == 2e7)
        #expect(file.pins == [.init(layer: "node_conv2d_4", device: "nano")])
    }
}
