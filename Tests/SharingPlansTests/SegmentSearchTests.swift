import Costs
import ModelGraph
import Sharing
import SharingPlans
import Testing

@Suite struct SegmentSearchTests {
    @Test func `the search equals brute force over all schemes and exchanges on chains`() throws {
        var generator = SeededGenerator(seed: 20)
        for round in 0..<200 {
            let count = Int.random(in: 1...8, using: &generator)
            let shared = try MadeUpChains.random(layers: count, &generator)
            let cluster = try MadeUpChains.cluster(Int.random(in: 1...4, using: &generator), &generator)
            let schemes = FlexPie.schemes(cluster.deviceCount)
            let found = SegmentSearch(shared, cluster, schemes, starts: Array(0..<shared.graph.operators.count)).run()
            let wanted = try ChainEnumeration(shared, cluster, schemes).least()
            #expect(abs(found.costS - wanted) <= 1e-9 * wanted, "chain \(round)")
            // What the search adds up is what the evaluator says of the whole plan.
            let evaluation = try SharingEvaluation(
                SharedAssignment(
                    deviceCount: cluster.deviceCount, source: cluster.source, destination: cluster.destination,
                    layouts: found.layouts), shared, on: cluster)
            #expect(abs(found.costS - evaluation.publishedLatencyS) <= 1e-9 * wanted, "chain \(round)")
        }
    }

    @Test func `layers that follow element by element lose nothing by staying with the one before`() throws {
        var generator = SeededGenerator(seed: 21)
        for round in 0..<100 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 2...8, using: &generator), &generator)
            let cluster = try MadeUpChains.cluster(3, &generator)
            let schemes = FlexPie.schemes(3)
            let all = Array(0..<shared.graph.operators.count)
            let fine = SegmentSearch(shared, cluster, schemes, starts: all).run().costS
            let coarse = SegmentSearch(shared, cluster, schemes).run().costS
            #expect(coarse >= fine * (1 - 1e-9))
            #expect(coarse <= fine * 1.2, "chain \(round): \(coarse / fine)")
        }
    }

    @Test func `halos grow backwards through every layer without an exchange`() throws {
        let pads: [String: AttributeValue] = ["pads": .integers([1, 1, 1, 1])]
        let names = ["x", "a", "b", "c"]
        let shared = try MadeUpChains.graph(
            input: [1, 1, 24, 6], weights: [("w0", [4, 1, 3, 3]), ("w1", [4, 4, 3, 3]), ("w2", [4, 4, 3, 3])],
            output: "c", (0..<3).map { MadeUpChains.node("Conv", [names[$0], "w\($0)"], names[$0 + 1], pads) })
        // So slow a network that rows of one channel in front pay for rows of four behind.
        let cluster = try SharingCluster(flops: [1e9, 1e9], bandwidthBytesPerS: 1e3)
        let found = SegmentSearch(shared, cluster, [.equal(.rows, of: 2)]).run()
        #expect(found.segments.count == 1)
        #expect(
            found.layouts.map { $0.regions.map { $0[2] } } == [
                [0..<14, 10..<24], [0..<13, 11..<24], [0..<12, 12..<24],
            ])
    }

    @Test func `more freedom never costs more, by the terms of the search`() throws {
        var generator = SeededGenerator(seed: 22)
        for _ in 0..<60 {
            let shared = try MadeUpChains.random(layers: 6, &generator)
            let cluster = try MadeUpChains.cluster(4, &generator)
            let plans = try [SharingSystem.flexPie, .layerWise, .oneDimH, .oneDimW, .oneDimC, .grid2D].map {
                try $0.plan(shared, on: cluster).evaluation.publishedLatencyS
            }
            #expect(plans[0] <= plans[1] * (1 + 1e-9))
            #expect(plans[1] <= (plans[2...].min() ?? 0) * (1 + 1e-9))
        }
    }
}
