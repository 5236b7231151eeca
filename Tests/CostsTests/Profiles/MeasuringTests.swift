import Costs
import Testing

@Suite struct TrimmedMeanTests {
    @Test func aTenthIsTakenOffEachEnd() throws {
        let mean = try TrimmedMean((0..<100).map { Double($0) })
        #expect(abs(mean.mean - 49.5) < 1e-12)
        #expect(mean.keptCount == 80)
        let outliers = try TrimmedMean([1e9, 2, 2, 2, 2, 2, 2, 2, 2, -1e9])
        #expect(outliers.mean == 2)
        #expect(outliers.spread == 0)
    }

    @Test(arguments: [(1, 1), (9, 9), (10, 8), (19, 17), (20, 16), (30, 24), (70, 56)])
    func wholeSamplesAreTaken(count: Int, kept: Int) throws {
        #expect(try TrimmedMean([Double](repeating: 1, count: count)).keptCount == kept)
    }

    @Test func theSpreadIsOfTheSamplesKept() throws {
        let mean = try TrimmedMean([2, 4, 4, 4, 5, 5, 7, 9], trimmedPercent: 0)
        #expect(mean.mean == 5)
        #expect(abs((mean.spread ?? 0) - (32.0 / 7).squareRoot()) < 1e-12)
        #expect(try TrimmedMean([3]).spread == nil)
        #expect(try TrimmedMean([1, 5, 9], trimmedPercent: 49).mean == 5)
    }

    @Test func whatIsNoMeasurementIsRefused() {
        let cases: [([Double], Int, String)] = [
            ([], 10, "there are no samples; measure at least once"),
            ([1, .nan], 10, "sample 1 is nan; leave out what was not measured"), ([.infinity], 10, "sample 0 is inf"),
            ([1], 50, "50 % is to be trimmed off each end; give 0 to 49"), ([1], -1, "-1 %"),
        ]
        for (samples, percent, sentence) in cases {
            let fault = #expect(throws: DataFault.self) { try TrimmedMean(samples, trimmedPercent: percent) }
            #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
        }
    }

    @Test(arguments: 0..<30)
    func theMeanLiesWithinAndOrderDoesNotMatter(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let samples = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
            generator.logarithmic(in: 1e-6...1e3)
        }
        let mean = try TrimmedMean(samples)
        #expect(mean == (try TrimmedMean(samples.shuffled(using: &generator))))
        #expect(mean.mean >= (samples.min() ?? 0) * (1 - 1e-12) && mean.mean <= (samples.max() ?? 0) * (1 + 1e-12))
    }
}

@Suite struct EnergyLogTests {
    private func log(_ samples: [(Double, Double)], maximumStepS: Double? = nil) throws -> EnergyLog {
        try EnergyLog(samples.map { EnergyLog.Sample(timeS: $0.0, powerW: $0.1) }, maximumStepS: maximumStepS)
    }

    @Test func powerIsIntegratedByTrapezes() throws {
        let log = try log([(0, 10), (1, 20), (3, 0), (4, 0)])
        let cases: [(Double, Double, Double)] = [
            (0, 4, 15 + 20), (0, 1, 15), (1, 3, 20), (3, 4, 0), (0, 0, 0), (2, 2, 0), (4, 4, 0), (0.5, 1, 8.75),
            (1, 2, 15), (0.25, 0.75, 7.5), (2.5, 3.5, 1.25),
        ]
        for (startS, endS, expectedJ) in cases {
            #expect(abs(try log.energyJ(from: startS, to: endS) - expectedJ) < 1e-12, "\(startS) to \(endS)")
        }
    }

    @Test func theLogIsNeverExtrapolated() throws {
        let log = try log([(0, 10), (1, 20)])
        for (startS, endS) in [(-0.1, 1.0), (0, 1.1), (2, 3), (-2, -1), (1, 0), (.nan, 1), (0, .infinity)] {
            #expect(throws: DataFault.self) { try log.energyJ(from: startS, to: endS) }
        }
        let fault = #expect(throws: DataFault.self) { try log.energyJ(from: 0.5, to: 2) }
        #expect(
            fault?.description
                == "energy is asked for from 0.5 s to 2.0 s, but the power log goes from 0.0 s to 1.0 s; log the whole "
                + "time")
        #expect(throws: DataFault.self) { try EnergyLog([]).energyJ(from: 0, to: 0) }
    }

    @Test func aSilentMeterIsNotIntegrated() throws {
        let log = try log([(0, 10), (1, 10), (5, 10), (6, 10)], maximumStepS: 2)
        #expect(try log.energyJ(from: 0, to: 1) == 10)
        #expect(try log.energyJ(from: 5, to: 6) == 10)
        let fault = #expect(throws: DataFault.self) { try log.energyJ(from: 0.5, to: 2) }
        #expect(fault?.description.contains("silent from 1.0 s to 5.0 s, longer than 2.0 s; measure again") == true)
    }

    @Test func whatCannotBeIsRefused() {
        let cases: [([(Double, Double)], String)] = [
            ([(0, 1), (0, 1)], "sample 1 of the power log, at 0.0 s, is not after the one before; sort the samples"),
            ([(1, 1), (0, 1)], "is not after the one before"), ([(0, -1)], "sample 0 of the power log is -1.0 W"),
            ([(.nan, 1)], "W at nan s"), ([(0, .infinity)], "is inf W"),
        ]
        for (samples, sentence) in cases {
            let fault = #expect(throws: DataFault.self) { try log(samples) }
            #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
        }
    }

    @Test(arguments: 0..<40)
    func partsAddUpToTheWhole(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var timeS = 0.0
        let samples = (0..<Int.random(in: 2...50, using: &generator)).map { _ in
            timeS += generator.logarithmic(in: 1e-3...1)
            return (timeS, Double.random(in: 0...30, using: &generator))
        }
        let log = try log(samples)
        let (startS, endS) = (samples[0].0, timeS)
        let cuts = ([startS, endS] + (0..<5).map { _ in Double.random(in: startS...endS, using: &generator) }).sorted()
        let parts = try zip(cuts, cuts.dropFirst()).reduce(0) { try $0 + log.energyJ(from: $1.0, to: $1.1) }
        let whole = try log.energyJ(from: startS, to: endS)
        #expect(abs(parts - whole) < 1e-9 * max(1, whole))
    }
}
