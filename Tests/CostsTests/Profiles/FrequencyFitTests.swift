import Costs
import Testing

/// The Jetson Nano's GPU, as in the dissertation's chapter 8.
private let frequenciesHz = [537.6e6, 614.4e6, 691.2e6, 768e6, 844.8e6, 921.6e6]

private func energy(_ frequencyHz: Double, a: Double, b: Double, c: Double) -> Double {
    a / frequencyHz + b + c * frequencyHz * frequencyHz
}

@Suite struct FrequencyFitTests {
    @Test func anExactLawIsFoundAgain() throws {
        let fit = try FrequencyFit(
            frequenciesHz.map {
                FrequencyFit.Measurement(
                    frequencyHz: $0, latencyS: 0.002 + 4e6 / $0, energyJ: energy($0, a: 3e6, b: 0.01, c: 2e-20))
            })
        #expect(abs(fit.latency.constantS - 0.002) < 1e-12)
        #expect(abs(fit.latency.cycles - 4e6) < 1e-2)
        #expect(fit.latency.quality.residual < 1e-12)
        #expect(fit.latency.quality.frequencyCount == 6)
        let law = try fit.energy.get()
        #expect(abs(law.staticJHz - 3e6) < 1)
        #expect(abs(law.constantJ - 0.01) < 1e-8)
        #expect(abs(law.switchingJPerHz2 - 2e-20) < 1e-26)
        #expect((law.quality.relativeResidual ?? 1) < 1e-9)
        #expect(abs(try fit.latencyS(atHz: 700e6) - (0.002 + 4e6 / 700e6)) < 1e-12)
        #expect(abs(try fit.energyJ(atHz: 700e6) - energy(700e6, a: 3e6, b: 0.01, c: 2e-20)) < 1e-9)
    }

    @Test func nothingIsExtrapolated() throws {
        let fit = try FrequencyFit([
            .init(frequencyHz: 500e6, latencyS: 2, energyJ: 1), .init(frequencyHz: 1000e6, latencyS: 1, energyJ: 2),
            .init(frequencyHz: 750e6, latencyS: 1.5, energyJ: 1.5), .init(frequencyHz: 1200e6, latencyS: 0.9),
        ])
        #expect(throws: Never.self) { try fit.latencyS(atHz: 500e6) }
        #expect(throws: Never.self) { try fit.latencyS(atHz: 1200e6) }
        #expect(throws: Never.self) { try fit.energyJ(atHz: 1000e6) }
        let latency = #expect(throws: DataFault.self) { try fit.latencyS(atHz: 499.9e6) }
        #expect(
            latency?.description
                == "the latency at 499.9 MHz is outside what was measured, 500 MHz to 1200 MHz; measure at that "
                + "frequency, or choose one within")
        // Energy was measured over less.
        let energy = #expect(throws: DataFault.self) { try fit.energyJ(atHz: 1200e6) }
        #expect(energy?.description.contains("the energy at 1200 MHz is outside what was measured, 500 MHz") == true)
        for frequencyHz in [Double.nan, .infinity, 0, -1] {
            #expect(throws: DataFault.self) { try fit.latencyS(atHz: frequencyHz) }
        }
    }

    @Test func tooFewFrequenciesAreRefused() throws {
        func sentence(_ measurements: [FrequencyFit.Measurement]) -> String {
            (#expect(throws: DataFault.self) { try FrequencyFit(measurements) })?.description ?? ""
        }
        let one = FrequencyFit.Measurement(frequencyHz: 921.6e6, latencyS: 1, energyJ: 1)
        #expect(
            sentence([one, one])
                == "the latency needs measurements at 2 or more frequencies to be fitted, and has 921.6 MHz; measure "
                + "at more frequencies")
        #expect(sentence([]).contains("and has none"))
        let two = try FrequencyFit([one, one, .init(frequencyHz: 5e8, latencyS: 2, energyJ: 1)])
        let missing = #expect(throws: DataFault.self) { try two.energyJ(atHz: 6e8) }
        #expect(missing?.description.contains("the energy needs measurements at 3 or more") == true)
        #expect(missing?.description.contains("has 500 MHz, 921.6 MHz") == true)
        let unmeasured = try FrequencyFit(frequenciesHz.map { .init(frequencyHz: $0, latencyS: 1 / $0) })
        #expect(
            (#expect(throws: DataFault.self) { try unmeasured.energyJ(atHz: 6e8) })?.problem.contains("none") == true)
        #expect(
            sentence([one, .init(frequencyHz: 921.6e6 + 1e-6, latencyS: 1)])
                .contains("too close to each other to be fitted; measure further apart"))
    }

    @Test func whatCannotBeIsRefused() {
        for (frequencyHz, latencyS) in [(0.0, 1.0), (-1, 1), (.nan, 1), (1e9, -1), (1e9, .nan), (1e9, .infinity)] {
            let fault = #expect(throws: DataFault.self) {
                try LatencyFit([(frequencyHz, latencyS), (5e8, 1), (6e8, 1)])
            }
            #expect(fault?.description.contains("give 0 or more, at a frequency above 0") == true)
        }
        #expect(throws: DataFault.self) { try EnergyFit([(1e9, -1), (5e8, 1), (6e8, 1), (7e8, 1)]) }
        // Steep and then flat: the law would be negative at one end.
        let negative = #expect(throws: DataFault.self) { try LatencyFit([(1e8, 100), (5e8, 0), (1e9, 0.0), (2e9, 0)]) }
        #expect(negative?.description.contains("they follow no p + q / f") == true)
    }

    @Test func aLatencyOfZeroIsNoNegativeOne() throws {
        for top in 1...50 {
            let fit = try LatencyFit([(1e8, 1 / Double(top)), (1e8 * (1 + Double(top) / 7), 0)])
            #expect(try fit.latencyS(atHz: fit.quality.rangeHz.upperBound) < 1e-12)
            #expect(try fit.latencyS(atHz: fit.quality.rangeHz.upperBound) >= 0)
        }
    }

    @Test func coefficientsAreNeverNegative() throws {
        // Falls faster than 1 / f: the plain solution has a negative constant.
        let steep = try EnergyFit([(1e8, 100), (2e8, 20), (4e8, 4), (8e8, 1)])
        #expect(steep.staticJHz >= 0 && steep.constantJ >= 0 && steep.switchingJPerHz2 >= 0)
        #expect(steep.quality.residual > 0)
        let zero = try EnergyFit([(1e8, 0), (2e8, 0), (4e8, 0)])
        #expect(try zero.energyJ(atHz: 3e8) == 0)
        #expect(zero.quality.relativeResidual == nil)
    }

    @Test(arguments: 0..<200)
    func noPlaceNearbyFitsBetter(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 3...8, using: &generator)
        let used = frequenciesHz.shuffled(using: &generator)
        let measurements = (0..<count).map { index in
            (frequencyHz: used[index % 6], energyJ: generator.logarithmic(in: 0.01...10))
        }
        let fit = try EnergyFit(measurements)
        let highestHz = measurements.map(\.frequencyHz).max() ?? 1
        let best = [fit.staticJHz / highestHz, fit.constantJ, fit.switchingJPerHz2 * highestHz * highestHz]
        #expect(best.allSatisfy { $0 >= 0 })
        func squares(_ law: [Double]) -> Double {
            measurements.reduce(0) { sum, point in
                let share = point.frequencyHz / highestHz
                let error = point.energyJ - (law[0] / share + law[1] + law[2] * share * share)
                return sum + error * error
            }
        }
        let least = squares(best)
        let residual = (least / Double(count)).squareRoot()
        #expect(abs(residual - fit.quality.residual) < 1e-9 * max(1, residual))
        // The problem is convex: what cannot be improved near by cannot be improved at all.
        for _ in 0..<100 {
            let size = generator.logarithmic(in: 1e-4...1)
            let other = best.map { max(0, $0 + size * Double.random(in: -1...1, using: &generator)) }
            #expect(squares(other) >= least * (1 - 1e-9) - 1e-12)
        }
    }

    @Test(arguments: 0..<50)
    func theLatencyFitHasNoBetterLine(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let measurements = frequenciesHz.map {
            (frequencyHz: $0, latencyS: 1e-3 + 5e6 / $0 * Double.random(in: 0.9...1.1, using: &generator))
        }
        let fit = try LatencyFit(measurements)
        // Residuals of a least squares line are orthogonal to both of its columns.
        let errors = try measurements.map { $0.latencyS - (try fit.latencyS(atHz: $0.frequencyHz)) }
        #expect(abs(errors.reduce(0, +)) < 1e-12)
        #expect(abs(zip(errors, measurements).reduce(0) { $0 + $1.0 * 1e9 / $1.1.frequencyHz }) < 1e-12)
    }

    @Test func aProfilesBundleIsFittedOverItsFrequencies() throws {
        let entries = frequenciesHz.map {
            ProfileEntry(
                device: "nano", frequencyHz: $0, first: "0", last: "1", latencyS: 1e6 / $0,
                energyJ: energy($0, a: 0, b: 1, c: 0))
        }
        let odd = ProfileEntry(device: "nano", first: "0", last: "1", latencyS: 99)
        let profile = try BundleProfile(model: "m", layerNames: ["a", "b"], entries: entries + [odd])
        let fit = try profile.frequencyFit(device: "nano", first: 0, last: 1)
        #expect(abs(try fit.latencyS(atHz: 800e6) - 1e6 / 800e6) < 1e-12)
        #expect(abs(try fit.energyJ(atHz: 800e6) - 1) < 1e-12)
        let fault = #expect(throws: DataFault.self) { try profile.frequencyFit(device: "nano", first: 0, last: 0) }
        #expect(
            fault?.description
                == "a (layer 0) on nano: the latency needs measurements at 2 or more frequencies to be fitted, and has "
                + "none; measure at more frequencies")
    }
}
