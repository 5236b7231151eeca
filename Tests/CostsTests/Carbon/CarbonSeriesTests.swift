import Costs
import Testing

private let epochS = 1_672_531_200.0  // 2023-01-01T00:00:00Z

private func series(
    _ hours: [(Double, Double)], zone: String = "Z", factor: EmissionFactor = EmissionFactor(.lifecycle),
    resolutionS: Double = 3600
) throws -> CarbonSeries {
    try CarbonSeries(
        zone: zone, factor: factor, resolutionS: resolutionS,
        points: hours.map {
            CarbonPoint(startS: epochS + $0.0 * 3600, intensityGPerKWh: $0.1, isEstimated: false)
        })
}

@Suite struct CarbonSeriesTests {
    @Test func aPointHoldsForItsOwnIntervalOnly() throws {
        let series = try series([(0, 100), (1, 200), (4, 50)])
        let cases: [(Double, Double?)] = [
            (-0.001, nil), (0, 100), (0.999, 100), (1, 200), (1.5, 200), (2, nil), (3.999, nil), (4, 50), (4.999, 50),
            (5, nil), (.nan, nil), (.infinity, nil), (-.infinity, nil),
        ]
        for (hour, expected) in cases {
            #expect(series.intensity(at: epochS + hour * 3600) == expected, "hour \(hour)")
        }
        #expect(series.holes == [(epochS + 7200)..<(epochS + 4 * 3600)])
        #expect(series.span == epochS..<(epochS + 5 * 3600))
    }

    @Test func whatIsUnknownIsSaidWithItsReason() throws {
        let series = try series([(0, 100), (4, 50)], zone: "US-X")
        #expect(series.gap(at: epochS) == nil)
        #expect(
            series.gap(at: epochS - 1)?.description
                == "the carbon intensity of US-X at 2022-12-31T23:59:59.000Z is unknown: its data starts at "
                + "2023-01-01T00:00:00.000Z; give earlier data")
        #expect(
            series.gap(at: epochS + 7200)?.description
                == "the carbon intensity of US-X at 2023-01-01T02:00:00.000Z is unknown: its data has a hole from "
                + "2023-01-01T01:00:00.000Z to 2023-01-01T04:00:00.000Z; fill it or choose another time")
        #expect(
            series.gap(at: epochS + 5 * 3600)?.description.contains("ended at 2023-01-01T05:00:00.000Z; give later")
                == true)
        let empty = try CarbonSeries(zone: "E", factor: EmissionFactor(.direct), resolutionS: 60, points: [])
        #expect(empty.span == nil)
        #expect(empty.gap(at: 0)?.description.contains("its series is empty") == true)
    }

    @Test func zeroIsKnown() throws {
        #expect(try series([(0, 0)]).intensity(at: epochS) == 0)
    }

    @Test(arguments: [
        ([(1.0, 1.0), (0, 1)], "the point at 2023-01-01T00:00:00.000Z starts before the one at"),
        ([(0, 1), (0, 1)], "starts before the one at 2023-01-01T00:00:00.000Z ends; sort the points"),
        ([(0, 1), (0.5, 1)], "starts before the one"),
        ([(0, -1)], "the intensity at 2023-01-01T00:00:00.000Z is -1.0 g/kWh; give 0 to 5000; check the unit"),
        ([(0, .nan)], "is nan g/kWh"),
        ([(0, 5001)], "is 5001.0 g/kWh"),
        ([(.infinity, 1)], "a point starts at inf s"),
    ])
    func whatCannotBeIsRefused(hours: [(Double, Double)], sentence: String) {
        let fault = #expect(throws: DataFault.self) { try series(hours) }
        #expect(fault?.description.hasPrefix("the carbon series of Z: ") == true)
        #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
    }

    @Test(arguments: [0, -1, .nan, .infinity] as [Double])
    func aResolutionIsAboveZero(resolutionS: Double) {
        #expect(throws: DataFault.self) { try series([(0, 1)], resolutionS: resolutionS) }
    }

    @Test func aMeanWeightsEachPointByItsTime() throws {
        let series = try series([(0, 100), (1, 200), (2, 400), (4, 1)])
        func mean(_ from: Double, _ to: Double) throws -> Double {
            try series.mean(over: (epochS + from * 3600)..<(epochS + to * 3600)).intensityGPerKWh
        }
        #expect(try mean(0, 1) == 100)
        #expect(try mean(0.25, 0.5) == 100)
        #expect(try mean(0, 2) == 150)
        #expect(try mean(0.5, 1.5) == 150)
        #expect(try mean(0.5, 2.5) == (50 + 200 + 200) / 2.0)
        #expect(throws: CarbonGap.self) { try mean(2.5, 3.5) }
        #expect(throws: CarbonGap.self) { try mean(2, 5) }
        #expect(throws: CarbonGap.self) { try mean(-1, 1) }
        #expect(throws: CarbonGap.self) { try mean(4, 6) }
    }

    @Test func aMeanIsEstimatedWhereAnyPartIs() throws {
        func estimated(_ flags: [Bool?]) throws -> Bool? {
            let series = try CarbonSeries(
                zone: "Z", factor: EmissionFactor(.direct), resolutionS: 1,
                points: flags.enumerated().map {
                    CarbonPoint(startS: Double($0), intensityGPerKWh: 1, isEstimated: $1)
                })
            return try series.mean(over: 0..<Double(flags.count)).isEstimated
        }
        #expect(try estimated([false, false]) == false)
        #expect(try estimated([false, true, nil]) == true)
        #expect(try estimated([false, nil]) == nil)
        #expect(try estimated([nil]) == nil)
    }

    @Test func newerPointsReplaceThoseTheyOverlap() throws {
        let old = try series([(0, 1), (1, 2), (2, 3), (5, 6)])
        let newer = try series([(1, 20), (3, 40)])
        let joined = try old.merging(newer)
        #expect(joined.points.map(\.intensityGPerKWh) == [1, 20, 3, 40, 6])
        #expect(joined.holes.count == 1)
        #expect(try old.merging(newer, maximumPoints: 2).points.map(\.intensityGPerKWh) == [40, 6])
        #expect(try old.merging(try series([])) == old)
        #expect(try series([]).merging(old) == old)
        // Half an hour off: both neighbours give way.
        #expect(try old.merging(try series([(0.5, 9)])).points.map(\.intensityGPerKWh) == [9, 3, 6])
    }

    @Test func whatWasCountedOtherwiseIsNeverMixed() throws {
        let average = try series([(0, 1)])
        for other in [
            try series([(1, 1)], factor: EmissionFactor(.lifecycle, .marginal)),
            try series([(1, 1)], factor: EmissionFactor(.direct)), try series([(1, 1)], zone: "Y"),
            try series([(1, 1)], resolutionS: 1800),
        ] {
            #expect(throws: DataFault.self) { try average.merging(other) }
        }
        let fault = #expect(throws: DataFault.self) {
            try average.merging(try series([(1, 1)], factor: EmissionFactor(.direct, .marginal)))
        }
        #expect(
            fault?.description
                == "the carbon series of Z: it counts lifecycle average emissions, and direct marginal ones cannot "
                + "join it; use one kind of counting for all")
    }

    @Test(arguments: 0..<60)
    func lookupAndMergeAgreeWithAPlainTable(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func random() throws -> (table: [Int: Double], series: CarbonSeries) {
            var table: [Int: Double] = [:]
            let density = Double.random(in: 0.2...1, using: &generator)
            for hour in 0..<60 where generator.chance(density) {
                table[hour] = Double(Int.random(in: 0...900, using: &generator))
            }
            return (table, try series(table.sorted { $0.key < $1.key }.map { (Double($0.key), $0.value) }))
        }
        let (first, second) = (try random(), try random())
        let joined = try first.series.merging(second.series)
        let table = first.table.merging(second.table) { $1 }
        for hour in -1...61 {
            let instantS = epochS + (Double(hour) + Double.random(in: 0..<1, using: &generator)) * 3600
            #expect(joined.intensity(at: instantS) == table[hour])
            #expect((joined.gap(at: instantS) == nil) == (table[hour] != nil))
            let isInHole = joined.holes.contains { $0.contains(instantS) }
            let isInSpan = joined.span?.contains(instantS) ?? false
            #expect(isInHole == (isInSpan && table[hour] == nil))
        }
    }

    @Test func unitsConvertExactly() {
        #expect(CarbonUnits.gramsPerKWh(poundsPerMWh: 1000) == 453.59237)
        #expect(abs(CarbonUnits.grams(energyJ: 1, intensityGPerKWh: 1) * 1000 - 2.7778e-4) < 1e-8)
        #expect(CarbonUnits.grams(energyJ: 3.6e6, intensityGPerKWh: 250) == 250)
    }
}
