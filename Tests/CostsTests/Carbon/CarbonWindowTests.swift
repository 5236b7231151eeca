import Costs
import Testing

private func series(
    _ zone: String, _ values: [Double?], resolutionS: Double = 3600,
    factor: EmissionFactor = EmissionFactor(.lifecycle)
) throws -> CarbonSeries {
    try CarbonSeries(
        zone: zone, factor: factor, resolutionS: resolutionS,
        points: values.enumerated().compactMap { index, value in
            value.map { CarbonPoint(startS: Double(index) * resolutionS, intensityGPerKWh: $0) }
        })
}

@Suite struct CarbonWindowTests {
    @Test func eachHourTellsEveryZoneOrWhyNot() throws {
        let window = try CarbonWindow(
            [series("A", [1, 2, 3, 4]), series("B", [10, nil, 30])], from: 0, to: 4 * 3600)
        #expect(window.zones == ["A", "B"])
        #expect(window.count == 4)
        let periods = Array(window)
        #expect(periods.map(\.timeS) == [0..<3600, 3600..<7200, 7200..<10800, 10800..<14400])
        #expect(periods.map(\.intensitiesGPerKWh) == [[1, 10], nil, [3, 30], nil])
        #expect(periods[0].gaps.isEmpty)
        #expect(periods[1].gaps.map(\.reason) == [.hole(3600..<7200)])
        #expect(periods[3].gaps.map(\.reason) == [.after(endS: 3 * 3600)])
        #expect(try periods[3].readings[0].get().intensityGPerKWh == 4)
    }

    @Test func periodsNeedNotBeTheDataResolution() throws {
        let zones = [try series("A", [1, 3]), try series("B", [10, 20, 30, 40], resolutionS: 1800)]
        #expect(try Array(CarbonWindow(zones, from: 0, to: 7200)).map(\.intensitiesGPerKWh) == [[1, 15], [3, 35]])
        #expect(
            try Array(CarbonWindow(zones, from: 0, to: 7200, periodS: 7200)).map(\.intensitiesGPerKWh) == [[2, 25]])
        let short = try CarbonWindow(zones, from: 900, to: 4000, periodS: 1200)
        #expect(Array(short).map(\.timeS) == [900..<2100, 2100..<3300, 3300..<4000])
        #expect(short.period(2)?.timeS.upperBound == 4000)
        #expect(short.period(3) == nil)
        #expect(short.period(-1) == nil)
    }

    @Test func aWindowThatCannotBeIsRefused() throws {
        let zone = try series("A", [1])
        func sentence(_ make: () throws -> CarbonWindow) -> String? {
            #expect(throws: DataFault.self) { try make() }?.description
        }
        #expect(sentence { try CarbonWindow([zone], from: 5, to: 5) }?.contains("let it end after its start") == true)
        #expect(
            sentence { try CarbonWindow([zone], from: 1_700_000_000, to: 1_600_000_000) }
                == "a carbon window goes from 2023-11-14T22:13:20.000Z to 2020-09-13T12:26:40.000Z; let it end after "
                + "its start")
        #expect(sentence { try CarbonWindow([zone], from: .nan, to: 5) } != nil)
        #expect(
            sentence { try CarbonWindow([zone], from: 0, to: 5, periodS: 0) }?.contains("period is 0.0 s; give 0.001 s")
                == true)
        #expect(sentence { try CarbonWindow([zone], from: 0, to: 1e10, periodS: 1) }?.contains("more than") == true)
        #expect(sentence { try CarbonWindow([], from: 0, to: 5) }?.contains("no zone") == true)
        #expect(sentence { try CarbonWindow([zone, zone], from: 0, to: 5) }?.contains("A is given twice") == true)
        let marginal = try series("B", [1], factor: EmissionFactor(.lifecycle, .marginal))
        #expect(
            sentence { try CarbonWindow([zone, marginal], from: 0, to: 5) }
                == "A counts lifecycle average emissions and B lifecycle marginal ones; compare zones by one kind of "
                + "counting")
    }

    @Test func roundingLosesNoTimeAndAddsNone() throws {
        let zone = try series("A", [1])
        for count in 1...300 {
            for periodS in [0.1, 0.3, 0.7, 1.1] {
                let window = try CarbonWindow([zone], from: 0.1, to: 0.1 + Double(count) * periodS, periodS: periodS)
                let periods = Array(window)
                #expect(periods.count == window.count)
                #expect(periods.last?.timeS.upperBound == window.timeS.upperBound)
                #expect(periods.allSatisfy { !$0.timeS.isEmpty })
            }
        }
    }

    @Test(arguments: 0..<40)
    func periodsCoverTheWindowWithoutOverlap(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let zone = try series("A", (0..<50).map { _ in generator.chance(0.9) ? 7 : nil })
        let startS = Double.random(in: -7200...7200, using: &generator)
        let endS = startS + generator.logarithmic(in: 1...200_000)
        let periodS = generator.logarithmic(in: 60...20_000)
        let periods = Array(try CarbonWindow([zone], from: startS, to: endS, periodS: periodS))
        #expect(periods.first?.timeS.lowerBound == startS)
        #expect(periods.last?.timeS.upperBound == endS)
        for (earlier, later) in zip(periods, periods.dropFirst()) {
            #expect(earlier.timeS.upperBound == later.timeS.lowerBound)
        }
        for period in periods {
            if let mean = period.intensitiesGPerKWh?[0] {
                #expect(abs(mean - 7) < 1e-9)
                #expect(zone.intensity(at: (period.timeS.lowerBound + period.timeS.upperBound) / 2) == 7)
            } else {
                #expect(period.gaps.count == 1)
            }
        }
    }
}
