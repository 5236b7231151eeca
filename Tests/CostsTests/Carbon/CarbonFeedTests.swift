import Costs
import JSON
import Testing

private func sentence(_ read: () throws -> CarbonSeries) -> String {
    (#expect(throws: DataFault.self) { try read() })?.description ?? ""
}

@Suite struct CarbonFeedTests {
    private func latest(_ text: String) throws -> ElectricityMapsFeed.Latest {
        try JSON.decode(ElectricityMapsFeed.Latest.self, from: Array(text.utf8))
    }

    @Test func theLatestOfElectricityMaps() throws {
        let text = """
            {"zone": "DE", "carbonIntensity": 302, "datetime": "2023-04-25T18:00:00.000Z",
             "updatedAt": "2023-04-25T18:07:01.000Z", "createdAt": "2023-04-22T18:07:01.000Z",
             "emissionFactorType": "lifecycle", "isEstimated": true, "estimationMethod": "TIME_SLICER_AVERAGE"}
            """
        let series = try latest(text).series(asked: .lifecycle)
        #expect(series.zone == "DE")
        #expect(series.factor == EmissionFactor(.lifecycle, .average))
        #expect(series.points == [CarbonPoint(startS: 1_682_445_600, intensityGPerKWh: 302, isEstimated: true)])
        #expect(series.intensity(at: 1_682_445_600 + 3599) == 302)
        #expect(series.intensity(at: 1_682_445_600 + 3600) == nil)
        #expect(
            sentence { try latest(text).series(asked: .direct) }
                == "the Electricity Maps feed of DE counts 'lifecycle' emissions, but direct ones were asked for; "
                + "ask it with emissionFactorType=direct")
        let unknown = text.replacing("302", with: "null")
        #expect(
            sentence { try latest(unknown).series(asked: .lifecycle) }
                == "the Electricity Maps feed of DE: carbonIntensity is missing; ask again later; unknown is not zero")
        let timeless = text.replacing("2023-04-25T18:00:00.000Z", with: "yesterday")
        #expect(sentence { try latest(timeless).series(asked: .lifecycle) }.contains("datetime is 'yesterday'"))
        let negative = text.replacing("302", with: "-5")
        #expect(sentence { try latest(negative).series(asked: .lifecycle) }.contains("is -5.0 g/kWh"))
        #expect(throws: JSONError.self) { try latest(text.replacing("\"zone\"", with: "\"land\"")) }
    }

    @Test func granularityIsHeard() throws {
        let text = """
            {"zone": "DE", "carbonIntensity": 302.5, "datetime": "2023-04-25T18:15:00.000Z",
             "temporalGranularity": "15_minutes"}
            """
        #expect(try latest(text).series(asked: .direct).resolutionS == 900)
        #expect(try latest(text.replacing("15_m", with: "5_m")).series(asked: .direct).resolutionS == 300)
        #expect(
            sentence { try latest(text.replacing("15_minutes", with: "yearly")).series(asked: .direct) }
                .contains("has the granularity 'yearly'"))
    }

    @Test func aForecastOfElectricityMaps() throws {
        let text = """
            {"zone": "DK-DK2", "updatedAt": "2023-11-20T12:45:31.000Z", "forecast": [
              {"carbonIntensity": 326, "datetime": "2023-11-20T12:00:00.000Z"},
              {"carbonIntensity": 297, "datetime": "2023-11-20T13:00:00.000Z"},
              {"carbonIntensity": 194, "datetime": "2023-11-20T15:00:00.000Z"}]}
            """
        func decode(_ text: String) throws -> CarbonSeries {
            try JSON.decode(ElectricityMapsFeed.Forecast.self, from: Array(text.utf8)).series(asked: .lifecycle)
        }
        let series = try decode(text)
        #expect(series.points.map(\.intensityGPerKWh) == [326, 297, 194])
        #expect(series.points.allSatisfy { $0.isEstimated == true })
        #expect(series.holes.count == 1)
        #expect(
            sentence { try decode(text.replacing("297", with: "null")) }
                .hasPrefix("the Electricity Maps feed of DK-DK2, forecast[1]: carbonIntensity is missing"))
        #expect(sentence { try decode(text.replacing("T13:", with: "T12:")) }.contains("starts before the one"))
    }

    @Test func wattTimeIsMarginalAndConverted() throws {
        let text = """
            {"data": [{"point_time": "2023-07-15T00:00:00+00:00", "value": 870.0},
                      {"point_time": "2023-07-15T00:05:00+00:00", "value": 1000}],
             "meta": {"region": "CAISO_NORTH", "warnings": [], "signal_type": "co2_moer",
                      "model": {"date": "2023-03-01"}, "units": "lbs_co2_per_mwh",
                      "data_point_period_seconds": 300, "generated_at": "2023-07-14T23:55:00+00:00"}}
            """
        func decode(_ text: String, isForecast: Bool = true) throws -> CarbonSeries {
            try JSON.decode(WattTimeFeed.self, from: Array(text.utf8)).series(isForecast: isForecast)
        }
        let series = try decode(text)
        #expect(series.zone == "CAISO_NORTH")
        #expect(series.factor == EmissionFactor(.direct, .marginal))
        #expect(series.resolutionS == 300)
        #expect(series.points.map(\.intensityGPerKWh) == [870 * 453.59237 / 1000, 453.59237])
        #expect(series.points[0].isEstimated == true)
        #expect(try decode(text, isForecast: false).points[0].isEstimated == nil)
        #expect(try decode(text.replacing("co2_moer", with: "co2_aoer")).factor.kind == .average)
        #expect(try decode(text.replacing("data_point_period", with: "other")).resolutionS == 300)
        #expect(
            sentence { try decode(text.replacing("lbs_co2_per_mwh", with: "percentile")) }
                == "the WattTime feed of CAISO_NORTH is in 'percentile'; ask for a signal in lbs_co2_per_mwh")
        #expect(
            sentence { try decode(text.replacing("co2_moer", with: "health_damage")) }
                .contains("is the signal 'health_damage'; ask for co2_moer or co2_aoer"))
        #expect(sentence { try decode(text.replacing("1000", with: "null")) }.contains("data[1]: value is missing"))
        #expect(
            sentence { try decode(text.replacing("00:05:00+00:00", with: "00:05:00-08:00")) }
                .contains("data[1]: point_time is '2023-07-15T00:05:00-08:00', which is no time in UTC"))
        // Its intensities never meet averages.
        let average = try CarbonSeries(
            zone: "CAISO_NORTH", factor: EmissionFactor(.direct), resolutionS: 300, points: [])
        #expect(throws: DataFault.self) { try average.merging(series) }
    }

    @Test func greatBritainIsHalfHourly() throws {
        let text = """
            {"data": [
              {"from": "2018-01-20T12:00Z", "to": "2018-01-20T12:30Z",
               "intensity": {"forecast": 266, "actual": 263, "index": "moderate"}},
              {"from": "2018-01-20T12:30Z", "to": "2018-01-20T13:00Z",
               "intensity": {"forecast": 270, "actual": null, "index": "moderate"}},
              {"from": "2018-01-20T13:00Z", "to": "2018-01-20T13:30Z", "intensity": {"index": "moderate"}},
              {"from": "2018-01-20T13:30Z", "to": "2018-01-20T14:00Z", "intensity": {"forecast": 280}}]}
            """
        func decode(_ text: String) throws -> CarbonSeries {
            try JSON.decode(GreatBritainFeed.self, from: Array(text.utf8)).series()
        }
        let series = try decode(text)
        #expect(series.zone == "GB")
        #expect(series.factor == EmissionFactor(.direct, .average))
        #expect(series.points.map(\.intensityGPerKWh) == [263, 270, 280])
        #expect(series.points.map(\.isEstimated) == [false, true, true])
        #expect(series.holes == [1_516_453_200..<1_516_455_000])
        #expect(
            sentence {
                try decode(text.replacing("\"to\": \"2018-01-20T13:00Z\"", with: "\"to\": \"2018-01-20T13:30Z\""))
            }
                == "the Great Britain feed, data[1] is 3600.0 s long; the feed is half-hourly; is this that feed?")
        #expect(sentence { try decode(text.replacing("2018-01-20T12:00Z", with: "noon")) }.contains("'noon'"))
    }
}
