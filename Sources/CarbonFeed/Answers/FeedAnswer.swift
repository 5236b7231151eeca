import Costs
import JSON

/// Judges an answer before anything of it is believed.
enum FeedAnswer {
    static let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 32)

    /// The text of an answer that may hold data.
    ///
    /// - Parameter who: the source, as sentences begin.
    /// - Throws: ``FeedFault``: redirected, refused, rate limited, another status, empty, a web page.
    static func text(_ response: FeedResponse, from who: String) throws(FeedFault) -> [UInt8] {
        switch response.status {
        case 200: break
        case 300..<400:
            throw FeedFault(
                .redirected, "\(who) sends us to another address (HTTP \(response.status))",
                "redirects are not followed, since a token would go along; name the new address with --url")
        case 401, 403:
            throw FeedFault(
                .refused, "\(who) refuses us (HTTP \(response.status))",
                "is the token in --token-file right, and does it cover this zone?",
                retryAfterS: response.retryAfterS)
        case 429:
            throw FeedFault(
                .rateLimited, "\(who) is asked too often (HTTP 429)", "raise --every, or ask for fewer zones",
                retryAfterS: response.retryAfterS)
        default:
            throw FeedFault(
                .status, "\(who) answered with HTTP \(response.status)",
                response.status >= 500
                    ? "nothing, if it stays rare" : "is the zone right, and --url that of the source?",
                retryAfterS: response.retryAfterS)
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
        guard let first = response.body.first(where: { !isBlank($0) }) else {
            throw FeedFault(.empty, "\(who) sent an empty answer", "nothing, if it stays rare")
        }
        let isPage = response.contentType.map { $0.lowercased().hasPrefix("text/html") } ?? false
        guard first != UInt8(ascii: "<"), !isPage else {
            throw FeedFault(
                .webPage, "\(who) sent a web page instead of data",
                "does this network ask for a log-in, or is --url not that of the source?")
        }
        return response.body
    }

    /// A value of the program out of an answer.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ response: FeedResponse, from who: String
    ) throws(FeedFault) -> Value {
        let text = try text(response, from: who)
        do {
            return try JSON.decode(type, from: text, limits: limits)
        } catch let error as JSONError {
            if case .mismatch = error.kind {
                throw FeedFault(.unexpected, "\(who) sent something else: \(error)", "is --url that of the source?")
            }
            throw FeedFault(.notJSON, "\(who) sent no JSON: \(error)", "is --url that of the source?")
        } catch {
            throw FeedFault(.unexpected, "\(who) sent something else", "is --url that of the source?")
        }
    }

    /// - Throws: ``FeedFault`` of kind `wrongZone` where the answer is about another zone than was asked for.
    static func check(zone: String, asked: String, from who: String) throws(FeedFault) {
        guard zone == asked else {
            throw FeedFault(
                .wrongZone, "\(who) was asked for zone \(asked) and answered for '\(zone.prefix(64))'",
                "is the zone spelled as the source spells it?")
        }
    }

    /// - Throws: ``FeedFault`` of kind `outOfRange` for an intensity that no grid has.
    static func check(intensityGPerKWh value: Double?, from who: String) throws(FeedFault) {
        guard let value else { return }
        let most = CarbonSeries.maximumIntensityGPerKWh
        guard (0...most).contains(value) else {
            throw FeedFault(
                .outOfRange,
                "\(who) says \(value) g/kWh, but no grid is below 0 or above \(Int(most))",
                "has the source changed its unit?")
        }
    }

    /// What the parsers of ``Costs`` refuse, as a fault of a feed.
    static func series(_ make: () throws(DataFault) -> CarbonSeries) throws(FeedFault) -> CarbonSeries {
        do {
            return try make()
        } catch {
            throw FeedFault(.unexpected, error.problem, error.advice)
        }
    }
}
