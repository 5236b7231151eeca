import Costs
import Sharing
import SharingPlans
import Testing

@Suite struct ShareTimingTests {
    /// Times of a cluster, so many times as long; unknown where the factor is nil.
    private struct Scaled: ShareTiming {
        let cluster: SharingCluster
        var computeFactor: Double?
        var movingFactor: Double?

        func computeS(_ parts: [SharePart], of shared: SharedGraph) throws(SharingError) -> [Double?] {
            guard Set(parts).count == parts.count else { throw SharingError("a part was asked for twice") }
            var times: [Double?] = []
            for part in parts {
                do {
                    let flop = try shared.needs(part.position, part.region).flop
                    times.append(computeFactor.map { $0 * flop / cluster.devices[part.device].flops })
                } catch {
                    throw SharingError("\(error)")
                }
            }
            return times
        }

        func movingS(_ messages: [ShareMessage], on cluster: SharingCluster) throws(SharingError) -> [Double?] {
            guard Set(messages).count == messages.count else { throw SharingError("a message was asked for twice") }
            return messages.map { message in
                movingFactor.map { factor in
                    factor * Double(message.byteCount) / cluster.bandwidthBytesPerS[message.from][message.to]
                }
            }
        }
    }

    private struct Failing: ShareTiming {
        func computeS(_ parts: [SharePart], of shared: SharedGraph) throws(SharingError) -> [Double?] {
            throw SharingError("no trees")
        }
        func movingS(_ messages: [ShareMessage], on cluster: SharingCluster) throws(SharingError) -> [Double?] { [] }
    }

    @Test func `times that are asked for count in place of speeds and bandwidths`() throws {
        var generator = SeededGenerator(seed: 70)
        for round in 0..<40 {
            let shared = try MadeUpChains.random(layers: 6, &generator)
            let cluster = try MadeUpChains.cluster(Int.random(in: 2...4, using: &generator), &generator)
            let slower = try SharingCluster(
                devices: cluster.devices.map { .init(name: $0.name, flops: $0.flops / 2) },
                bandwidthBytesPerS: cluster.bandwidthBytesPerS.map { $0.map { $0 / 3 } }, source: cluster.source,
                destination: cluster.destination)
            let schemes = FlexPie.schemes(cluster.deviceCount)
            let wanted = SegmentSearch(shared, slower, schemes).run().costS
            var search = SegmentSearch(shared, cluster, schemes)
            try search.use(Scaled(cluster: cluster, computeFactor: 2, movingFactor: 3))
            #expect(search.times?.unknownCount == 0)
            #expect(abs(search.run().costS - wanted) <= 1e-9 * wanted, "chain \(round)")
        }
    }

    @Test func `where nothing is known the search is what it is without`() throws {
        var generator = SeededGenerator(seed: 71)
        let shared = try MadeUpChains.random(layers: 8, &generator)
        let cluster = try MadeUpChains.cluster(3, &generator)
        var search = SegmentSearch(shared, cluster, FlexPie.schemes(3))
        let wanted = search.run()
        try search.use(Scaled(cluster: cluster))
        #expect(try #require(search.times).unknownCount > 0)
        #expect(search.run().costS == wanted.costS && search.run().layouts == wanted.layouts)
    }

    @Test func `flexpie goes by the times that the options give, and says why it cannot`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1e6, 1e6], bandwidthBytesPerS: 1e9)
        let shares = try SharingSystem.flexPie.plan(shared, on: cluster)
        #expect(shares.evaluation.transferBytes > 0)
        // Computing is free, so nothing pays for a message.
        var options = SharingOptions(timing: Scaled(cluster: cluster, computeFactor: 0))
        let stays = try SharingSystem.flexPie.plan(shared, on: cluster, options)
        #expect(stays.evaluation.transferBytes <= shares.evaluation.transferBytes)
        #expect(stays.assignment != shares.assignment)
        options.timing = Failing()
        #expect(throws: SharingError("no trees")) { try SharingSystem.flexPie.plan(shared, on: cluster, options) }
    }

    @Test func `inputs that everybody has cost no way`() throws {
        let shared = try MadeUpChains.graph(
            input: [1, 1, 8, 8], weights: [("w", [1, 1, 1, 1])], output: "y",
            [MadeUpChains.node("Conv", ["x", "w"], "y")])
        let cluster = try SharingCluster(flops: [100, 100], bandwidthBytesPerS: 100)
        let rows = [SharingScheme.equal(.rows, of: 2)]
        let halfS = shared.graph.operators[0].flop / 2 / 100
        // Four rows of eight elements of four bytes.
        let wayS = 1.28
        #expect(SegmentSearch(shared, cluster, rows).run().costS == halfS + wayS + wayS)
        let everywhere = SegmentSearch(shared, cluster, rows, pricing: SegmentPricing(inputsAreEverywhere: true))
        #expect(everywhere.run().costS == halfS + wayS)
    }
}
