import ModelGraph
import Sharing
import SharingPlans
import Testing

@Suite struct SharingSchemeTests {
    private func rows(_ extent: Int, _ scheme: SharingScheme) throws -> [Range<Int>] {
        let shared = try MadeUpChains.graph(
            input: [1, 2, extent, 6], weights: [], output: "y", [MadeUpChains.node("Relu", ["x"], "y")])
        return try scheme.layout(0, shared).regions.map { $0[2] }
    }

    @Test func `equal shares are rounded up, and the last takes the rest`() throws {
        #expect(try rows(10, .equal(.rows, of: 4)) == [0..<3, 3..<6, 6..<9, 9..<10])
        #expect(try rows(5, .equal(.rows, of: 4)) == [0..<2, 2..<4, 4..<5, 0..<0])
        #expect(try rows(10, .equal(.rows, of: 4, devices: [1, 3])) == [0..<0, 0..<5, 0..<0, 5..<10])
        #expect(try rows(10, .proportional(.rows, [3, 0, 1, 1])) == [0..<6, 0..<0, 6..<8, 8..<10])
        #expect(try rows(10, .whole(on: 2, of: 3)) == [0..<0, 0..<0, 0..<10])
    }

    @Test func `a grid is as near to a square as its devices allow`() throws {
        #expect(
            [1, 2, 3, 4, 5, 6, 8, 9, 12].map { GridShape.nearestSquare($0).columns } == [1, 1, 1, 2, 1, 2, 2, 3, 3])
        let shared = try MadeUpChains.residual()
        let layout = try SharingScheme.equal(.grid, of: 4).layout(0, shared)
        #expect(
            layout.regions.map { [$0[2], $0[3]] } == [
                [0..<6, 0..<5], [0..<6, 5..<10], [6..<12, 0..<5], [6..<12, 5..<10],
            ])
        let uneven = try SharingScheme.proportional(.grid, [3, 1, 1, 1]).layout(0, shared)
        #expect(uneven.regions.map { $0[2] } == [0..<8, 0..<8, 8..<12, 8..<12])
        #expect(uneven.regions.map { $0[3] } == [0..<8, 8..<10, 0..<5, 5..<10])
    }

    @Test func `what a scheme cannot share is whole on the fastest device, by name`() throws {
        let shared = try MadeUpChains.graph(
            input: [1, 2, 8, 8], weights: [("w", [128, 6])], output: "z",
            [
                MadeUpChains.node("Relu", ["x"], "y"), MadeUpChains.node("Flatten", ["y"], "f"),
                MadeUpChains.node("Gemm", ["f", "w"], "z"),
            ])
        let cluster = try SharingCluster(flops: [1, 5, 5], bandwidthBytesPerS: 1)
        #expect(cluster.fastest == 1)
        let plan = try SharingSystem.oneDimH.plan(shared, on: cluster)
        #expect(plan.refusals.map(\.operator) == ["f", "z"])
        #expect(plan.assignment.layouts[2].activeDevices == [1])
        #expect(try SharingSystem.oneDimC.plan(shared, on: cluster).refusals.isEmpty)
    }

    @Test func `layers begin at what does not follow the one before element by element`() throws {
        #expect(LayerStarts.positions(try MadeUpChains.residual()) == [0, 2, 3])
    }

    @Test func `a convolution, its normalization and its activation are planned as one layer`() throws {
        let pads: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        let parameters = ["scale", "bias", "mean", "variance"]
        let shared = try MadeUpChains.graph(
            input: [1, 4, 12, 10],
            weights: [("w1", [8, 4, 3, 3]), ("w2", [4, 8, 3, 3])] + parameters.map { ($0, [8]) }, output: "y",
            [
                MadeUpChains.node("Conv", ["x", "w1"], "a", pads),
                MadeUpChains.node("BatchNormalization", ["a"] + parameters, "b"),
                MadeUpChains.node("Relu", ["b"], "c"), MadeUpChains.node("Conv", ["c", "w2"], "y", pads),
            ])
        #expect(LayerStarts.positions(shared) == [0, 3])
    }
}
