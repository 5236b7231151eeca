import Costs
import Testing

private func profile(
    _ bundles: [(Int, Int, Double, Double?)], layers: Int = 6, maximumBundleSize: Int? = nil
) throws -> BundleProfile {
    try BundleProfile(
        model: "m", layerNames: (0..<layers).map { "l\($0)" },
        entries: bundles.map {
            ProfileEntry(device: "d", first: "\($0.0)", last: "\($0.1)", latencyS: $0.2, energyJ: $0.3)
        }, maximumBundleSize: maximumBundleSize)
}

private func bundle(_ first: Int, _ last: Int) -> BundleID { BundleID(device: "d", first: first, last: last) }

@Suite struct BundleSplitsTests {
    private func cuts(_ price: BundlePrice?) -> [[Int]]? {
        price?.parts.map { [$0.bundle.first, $0.bundle.last] }
    }

    @Test func aMeasuredBundleIsItsOwnPrice() throws {
        // Longer than the sum of its parts, as on an edge device: the bundle counts all the same.
        let profile = try profile([(0, 0, 1, 1), (1, 1, 1, 1), (0, 1, 5, nil)])
        let price = profile.price(of: bundle(0, 1))
        #expect(cuts(price) == [[0, 1]])
        #expect(price?.latencyS == 5)
        #expect(price?.energyJ == nil)
        #expect(price?.isSplit == false)
    }

    @Test func aBundleIsSplitIntoTheFewestAndThenTheCheapest() throws {
        let profile = try profile([
            (0, 0, 0.1, 1), (1, 1, 0.1, 1), (2, 2, 0.1, 1), (3, 3, 0.1, 1),
            (0, 1, 5, 9), (2, 3, 5, 9), (0, 2, 7, 1), (1, 3, 2, 1),
        ])
        // Two parts beat four cheap ones; of the pairs 0+13 (2.1), 01+23 (10), 02+3 (7.1) the first is cheapest.
        let price = profile.price(of: bundle(0, 3))
        #expect(cuts(price) == [[0, 0], [1, 3]])
        #expect(price?.latencyS == 2.1)
        #expect(price?.energyJ == 2)
        #expect(price?.isSplit == true)
    }

    @Test func bundlesAboveTheMaximumSizeAreSplit() throws {
        let all: [(Int, Int, Double, Double?)] = (0..<6).flatMap { first in
            (first..<6).map { (first, $0, Double($0 - first + 1), nil) }
        }
        for size in 1...6 {
            let profile = try profile(all, maximumBundleSize: size)
            for first in 0..<6 {
                for last in first..<6 {
                    // ceil(n / MBS) parts (dissertation, equation 7.5).
                    let count = last - first + 1
                    #expect(profile.price(of: bundle(first, last))?.parts.count == (count + size - 1) / size)
                }
            }
        }
    }

    @Test func energyIsNeverTakenForZero() throws {
        let profile = try profile([(0, 0, 1, 4), (1, 1, 1, nil), (0, 1, 1, nil), (2, 2, 1, 3), (1, 2, 9, 5)])
        #expect(profile.price(of: bundle(0, 1), by: .energy) == nil)
        #expect(cuts(profile.price(of: bundle(0, 2), by: .energy)) == [[0, 0], [1, 2]])
        #expect(profile.price(of: bundle(0, 2), by: .energy)?.energyJ == 9)
        #expect(cuts(profile.price(of: bundle(0, 2))) == [[0, 1], [2, 2]])
        #expect(profile.price(of: bundle(0, 2))?.energyJ == nil)
    }

    @Test func whatCannotBeMadeUpIsMissing() throws {
        let profile = try profile([(0, 1, 1, nil), (3, 5, 2, nil)])
        let coverage = profile.coverage(of: [bundle(0, 1), bundle(0, 2), bundle(3, 5), bundle(4, 5)])
        #expect(coverage.prices.map(\.bundle) == [bundle(0, 1), bundle(3, 5)])
        #expect(coverage.split.isEmpty)
        #expect(coverage.missing == [bundle(0, 2), bundle(4, 5)])
        for wrong in [bundle(-1, 0), bundle(2, 1), bundle(0, 6), BundleID(device: "e", first: 0, last: 0)] {
            #expect(profile.price(of: wrong) == nil)
        }
    }

    @Test func aPlansInputsNameWhatWasSplitOrMissing() throws {
        let profile = try profile([(0, 1, 1, nil), (2, 2, 2, nil)])
        #expect(
            profile.sentences(profile.coverage(of: [bundle(0, 2), bundle(0, 1), bundle(3, 3)])) == [
                "l0 to l2 (layers 0 to 2) on d is priced as its measured parts 0 to 1, 2",
                "l3 (layer 3) on d was not measured, nor were parts that make it up; measure it or its layers",
            ])
    }

    @Test(arguments: 0..<150)
    func splitsEqualThoseByTryingAll(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let layers = Int.random(in: 1...8, using: &generator)
        let density = Double.random(in: 0.3...1, using: &generator)
        var bundles: [(Int, Int, Double, Double?)] = []
        for first in 0..<layers {
            for last in first..<layers where generator.chance(density) {
                let energyJ = generator.chance(0.8) ? Double(Int.random(in: 0...9, using: &generator)) : nil
                bundles.append((first, last, Double(Int.random(in: 0...9, using: &generator)), energyJ))
            }
        }
        bundles.shuffle(using: &generator)
        let size = Int.random(in: 1...layers, using: &generator)
        let profile = try profile(bundles, layers: layers, maximumBundleSize: size)
        for measure in BundleSplits.Measure.allCases {
            let rows = profile.splits(device: "d", by: measure)
            for first in 0..<layers {
                for last in first..<layers {
                    let price = rows[first].price(to: last)
                    #expect(price == profile.price(of: bundle(first, last), by: measure))
                    let best = leastByTryingAll(profile, first, last, measure)
                    #expect(price?.parts.count == best?.parts)
                    #expect((measure == .latency ? price?.latencyS : price?.energyJ) == best?.cost)
                    if let price {
                        #expect(price.parts.first?.bundle.first == first && price.parts.last?.bundle.last == last)
                        #expect(
                            zip(price.parts, price.parts.dropFirst()).allSatisfy {
                                $0.bundle.last + 1 == $1.bundle.first
                            })
                        #expect(price.parts.allSatisfy { $0.bundle.layerCount <= size })
                    }
                }
            }
        }
    }

    /// Every way to cut between layers.
    private func leastByTryingAll(
        _ profile: BundleProfile, _ first: Int, _ last: Int, _ measure: BundleSplits.Measure
    ) -> (parts: Int, cost: Double)? {
        var best: (parts: Int, cost: Double)?
        for cuts in 0..<(1 << (last - first)) {
            var (start, parts, cost) = (first, 0, 0.0)
            var isPossible = true
            for layer in first...last where layer == last || cuts & (1 << (layer - first)) != 0 {
                let found = profile.measurement(of: bundle(start, layer))
                let figure = measure == .latency ? found?.latencyS : found?.energyJ
                if layer - start + 1 > profile.maximumBundleSize { isPossible = false }
                if let figure { cost += figure } else { isPossible = false }
                parts += 1
                start = layer + 1
            }
            guard isPossible else { continue }
            if let known = best, known <= (parts, cost) { continue }
            best = (parts, cost)
        }
        return best
    }
}
