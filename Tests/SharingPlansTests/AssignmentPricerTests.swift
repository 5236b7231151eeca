import Costs
import Sharing
import SharingPlans
import Testing

@Suite struct AssignmentPricerTests {
    @Test func `numbered parts cost what the evaluator says`() throws {
        var generator = SeededGenerator(seed: 31)
        for round in 0..<200 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 1...8, using: &generator), &generator)
            let devices = Int.random(in: 1...5, using: &generator)
            try compare(shared, devices, &generator, "chain \(round)")
        }
        let residual = try MadeUpChains.residual()
        for round in 0..<50 { try compare(residual, 3, &generator, "residual \(round)") }
    }

    @Test(arguments: ["squeezenet1_1", "googlenet", "vit_b_16", "mobilenet_v3_large"])
    func `so they do on whole models`(name: String) throws {
        let shared = try SharingFixtureTests.load(name)
        var generator = SeededGenerator(seed: 32)
        for devices in [2, 3, 6] { try compare(shared, devices, &generator, name) }
    }

    /// Prices random assignments with limits of memory about as large as what they need.
    private func compare(
        _ shared: SharedGraph, _ devices: Int, _ generator: inout SeededGenerator, _ name: String
    ) throws {
        let cluster = try MadeUpChains.cluster(devices, &generator)
        let schemes =
            [SharingScheme.Cut.rows, .columns, .channels, .grid].flatMap { cut in
                [
                    SharingScheme.equal(cut, of: devices),
                    .proportional(cut, (0..<devices).map { _ in Double(Int.random(in: 0...3, using: &generator)) }),
                ]
            } + (0..<devices).map { SharingScheme.whole(on: $0, of: devices) }
        let layouts = shared.graph.operators.indices.map { position -> SharedLayout in
            for _ in 0..<5 {
                let scheme = schemes.randomElement(using: &generator) ?? schemes[0]
                if let layout = try? scheme.layout(position, shared),
                    Region.whole(shared.shape(of: position)).subtracting(layout.regions).isEmpty
                {
                    return layout
                }
            }
            return .single(0, of: devices, shape: shared.shape(of: position))
        }
        let assignment = SharedAssignment(
            deviceCount: devices, source: cluster.source, destination: cluster.destination, layouts: layouts)
        let free = try SharingEvaluation(assignment, shared, on: cluster)
        var limited = cluster.devices
        for index in limited.indices where generator.chance(0.8) {
            limited[index].memoryBytes = Int(
                Double(free.peakBytes[index]) * Double.random(in: 0.3...1, using: &generator))
        }
        let tight = try SharingCluster(
            devices: limited, bandwidthBytesPerS: cluster.bandwidthBytesPerS, latencyS: cluster.latencyS,
            source: cluster.source, destination: cluster.destination)
        let wanted = try SharingEvaluation(assignment, shared, on: tight)
        let table = try #require(PartTable(shared))
        var pricer = AssignmentPricer(table, tight)
        var numbers: [Int32] = []
        for (position, layout) in layouts.enumerated() { numbers += try table.parts(position, layout) }
        for _ in 0..<2 {
            let price = pricer.price(numbers)
            #expect(abs(price.latencyS - wanted.latencyS) <= 1e-9 * wanted.latencyS, "\(name)")
            #expect(
                abs(price.publishedLatencyS - wanted.publishedLatencyS) <= 1e-9 * wanted.publishedLatencyS, "\(name)")
            #expect(price.excessBytes == wanted.excessBytes, "\(name)")
        }
    }
}
