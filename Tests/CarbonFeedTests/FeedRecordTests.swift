import CarbonFeed
import Cluster
import Costs
import Testing

@Suite struct FeedRecordTests {
    private func make(
        _ series: CarbonSeries, at offsetS: Double, publishedS: Double? = nil,
        change: (inout FeedSettings) -> Void = { _ in }
    ) throws(FeedFault) -> ZoneCarbon {
        var settings = FeedSettings()
        change(&settings)
        return try FeedRecord.make(
            series, source: "test", wallS: noonS + offsetS, freshUntilS: noonS + offsetS + 900, publishedS: publishedS,
            settings: settings)
    }

    @Test func theValueOfNowAndWhatFollows() throws {
        let record = try make(try hours([300, 200, 100]), at: 4000)
        #expect(record.intensityGPerKwh == 200)
        #expect(record.at == time(3600))
        #expect(record.forecast == [CarbonForecast(at: time(7200), intensityGPerKwh: 100)])
        #expect(record.freshUntil == time(4900))
        // The forecast's end, or the hold of the present value, whichever is later.
        #expect(record.validUntil == time(3600 + 3600 + 7200))
        #expect(record.fault == nil)
        let held = try make(try hours([300, 200, 100]), at: 4000) { $0.holdS = 0 }
        #expect(held.validUntil == time(10_800))
    }

    @Test func aForecastEndsAtAHoleAndAtItsReach() throws {
        let points = [0.0, 1, 2, 4].map { CarbonPoint(startS: noonS + 3600 * $0, intensityGPerKWh: 100 + $0) }
        let series = try CarbonSeries(zone: "DE", factor: EmissionFactor(.direct), resolutionS: 3600, points: points)
        #expect(try make(series, at: 0).forecast?.map(\.at) == [time(3600), time(7200)])
        #expect(try make(series, at: 0) { $0.forecastS = 3601 }.forecast?.count == 1)
        #expect(try make(series, at: 0) { $0.forecastS = 0 }.forecast == nil)
    }

    @Test func aLongForecastBecomesMeans() throws {
        let series = try hours((0...288).map(Double.init), resolutionS: 300)
        let forecast = try #require(try make(series, at: 0).forecast)
        #expect(forecast.count == 96)
        #expect(forecast[0] == CarbonForecast(at: time(300), intensityGPerKwh: 2))
        // Two are left for the last: the day that is published ends there.
        #expect(forecast[95] == CarbonForecast(at: time(300 * 286), intensityGPerKwh: 286.5))
    }

    @Test func whatIsOfTheFutureLateOrOlderIsRefused() throws {
        let series = try hours([300])
        let none = try hours([])
        let future = fault { () throws(FeedFault) in _ = try make(series, at: -601) }
        #expect(future?.kind == .future)
        #expect(
            future?.description
                == "the first value begins at \(time(0)), 601 s after this machine's clock; is the clock of this "
                + "machine right (timedatectl)?")
        // A clock that is a little behind is no fault.
        #expect(try make(series, at: -600).intensityGPerKwh == 300)
        #expect(try make(series, at: 3600 + 7199).intensityGPerKwh == 300)
        #expect(fault { () throws(FeedFault) in _ = try make(series, at: 3600 + 7200) }?.kind == .late)
        #expect(fault { () throws(FeedFault) in _ = try make(series, at: 0, publishedS: noonS + 1) }?.kind == .older)
        #expect(try make(series, at: 0, publishedS: noonS).at == time(0))
        #expect(fault { () throws(FeedFault) in _ = try make(none, at: 0) }?.kind == .noData)
    }

    @Test func boardsTakeEachRecordAndDropItInItsTime() throws {
        let record = try make(try hours([300, 200]), at: 0) { $0.holdS = 0 }
        var book = CarbonBook()
        #expect(book.heard(record, wallS: noonS, now: .zero) == nil)
        let values = [0.0, 899, 900, 3600, 7199, 7200].map { book.intensity(of: "DE", now: .seconds($0)) }
        #expect(values.map(\.?.intensityGPerKwh) == [300, 300, 300, 200, 200, nil])
        #expect(values.map(\.?.isStale) == [false, false, true, true, true, nil])
    }
}
