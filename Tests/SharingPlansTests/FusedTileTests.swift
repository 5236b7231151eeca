import ModelGraph
import Sharing
import SharingPlans
import Testing

@Suite struct FusedTileTests {
    @Test func `the recursion is the paper's`() {
        // First and last row of the result 2 and 4, over 9 rows of the input.
        #expect(FusedTile.convolution(2..<5, kernel: 3, stride: 1, extent: 9) == 1..<6)
        #expect(FusedTile.convolution(0..<5, kernel: 5, stride: 2, extent: 9) == 0..<9)
        #expect(FusedTile.convolution(2..<5, kernel: 1, stride: 2, extent: 9) == 4..<9)
        #expect(FusedTile.pooling(1..<3, stride: 2, extent: 9) == 2..<6)
        #expect(FusedTile.pooling(3..<5, stride: 2, extent: 9) == 6..<9)
    }

    @Test func `the recursion is what is needed where padding is half the window`() throws {
        for kernel in [1, 3, 5, 7] {
            for stride in 1...2 {
                let shared = try MadeUpChains.graph(
                    input: [1, 1, 23, 9], weights: [("w", [1, 1, kernel, kernel])], output: "y",
                    [
                        MadeUpChains.node(
                            "Conv", ["x", "w"], "y",
                            [
                                "pads": .integers([Int64](repeating: Int64(kernel / 2), count: 4)),
                                "strides": .integers([Int64(stride), Int64(stride)]),
                            ])
                    ])
                let rows = shared.shape(of: 0)[2]
                for first in 0..<rows {
                    for end in (first + 1)...rows {
                        let part = Region.whole(shared.shape(of: 0)).replacing(2, with: first..<end)
                        let exact = try shared.needs(0, part).inputs[0].region[2]
                        #expect(
                            FusedTile.convolution(first..<end, kernel: kernel, stride: stride, extent: 23) == exact)
                    }
                }
            }
        }
    }

    @Test func `deepthings fuses where the network is slow, and leaves the rest to the source`() throws {
        let pads: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        let names = ["x", "a", "b", "c"]
        let shared = try MadeUpChains.graph(
            input: [1, 4, 24, 24], weights: [("w", [4, 4, 3, 3]), ("l", [2304, 5])], output: "y",
            (0..<3).map { MadeUpChains.node("Conv", [names[$0], "w"], names[$0 + 1], pads) } + [
                MadeUpChains.node("Flatten", ["c"], "f"), MadeUpChains.node("Gemm", ["f", "l"], "y"),
            ])
        let cluster = try SharingCluster(flops: [1e6, 1e6, 1e6, 1e6], bandwidthBytesPerS: 1e6)
        let plan = try SharingSystem.deepThings.plan(shared, on: cluster)
        #expect(
            plan.assignment.layouts.map(\.activeDevices) == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0], [0]])
        #expect(plan.assignment.layouts[0].regions[0][2] == 0..<14)
        let moved = try Transfers(plan.assignment, shared).all
        #expect(Set(moved.map(\.tensor)) == ["x", "c"])
    }
}
