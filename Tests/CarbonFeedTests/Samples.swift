import CarbonFeed
import Cluster
import Costs
import Testing

/// 2026-11-21T12:00:00Z.
let noonS = 1_795_262_400.0

func time(_ offsetS: Double) -> String { UTCTime.string(secondsSince1970: noonS + offsetS) }

/// Hourly values from an offset to noon on.
func hours(
    _ values: [Double], zone: String = "DE", from offsetS: Double = 0, resolutionS: Double = 3600,
    _ factor: EmissionFactor = EmissionFactor(.lifecycle)
) throws -> CarbonSeries {
    try CarbonSeries(
        zone: zone, factor: factor, resolutionS: resolutionS,
        points: values.enumerated().map { index, value in
            CarbonPoint(startS: noonS + offsetS + Double(index) * resolutionS, intensityGPerKWh: value)
        })
}

/// Answers as the services give them.
enum Answers {
    static func ok(_ text: String, type: String = "application/json") -> FeedResponse {
        FeedResponse(status: 200, contentType: type, body: Array(text.utf8))
    }

    static func status(_ status: Int, retryAfterS: Double? = nil) -> FeedResponse {
        FeedResponse(status: status, retryAfterS: retryAfterS, body: Array("{}".utf8))
    }

    static func latest(
        zone: String = "DE", _ value: String = "302", at: String = time(0), counted: String = "lifecycle"
    ) -> String {
        """
        {"zone": "\(zone)", "carbonIntensity": \(value), "datetime": "\(at)", "updatedAt": "\(at)",
         "emissionFactorType": "\(counted)", "isEstimated": false}
        """
    }

    static func forecast(zone: String = "DE", _ values: [Double], from offsetS: Double = 0) -> String {
        let points = values.enumerated().map { index, value in
            "{\"carbonIntensity\": \(value), \"datetime\": \"\(time(offsetS + Double(index) * 3600))\"}"
        }
        return "{\"zone\": \"\(zone)\", \"forecast\": [\(points.joined(separator: ", "))]}"
    }

    static func wattTime(
        region: String = "CAISO_NORTH", units: String = "lbs_co2_per_mwh", signal: String = "co2_moer",
        _ values: [Double]
    ) -> String {
        let points = values.enumerated().map { index, value in
            "{\"point_time\": \"\(time(Double(index) * 300).prefix(19))+00:00\", \"value\": \(value)}"
        }
        return """
            {"data": [\(points.joined(separator: ", "))], "meta": {"region": "\(region)", "units": "\(units)",
             "signal_type": "\(signal)", "data_point_period_seconds": 300, "warnings": []}}
            """
    }

    static func greatBritain(_ values: [Double]) -> String {
        let points = values.enumerated().map { index, value in
            let fromS = Double(index) * 1800
            return """
                {"from": "\(time(fromS).prefix(16))Z", "to": "\(time(fromS + 1800).prefix(16))Z",
                 "intensity": {"forecast": \(value), "actual": null, "index": "low"}}
                """
        }
        return "{\"data\": [\(points.joined(separator: ", "))]}"
    }
}

/// The fault that a body throws.
func fault(_ body: () throws(FeedFault) -> Void) -> FeedFault? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}
