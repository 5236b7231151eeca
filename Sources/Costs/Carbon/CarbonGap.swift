/// Why a series has no intensity for an instant or a period.
public struct CarbonGap: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// The series has no point at all.
        case empty
        /// The series starts only at this instant.
        case before(startS: Double)
        /// The series ended at this instant.
        case after(endS: Double)
        /// The series goes on behind this hole.
        case hole(Range<Double>)
    }

    public var zone: String
    /// The first instant without an intensity, in seconds since 1970.
    public var instantS: Double
    public var reason: Reason

    public init(zone: String, instantS: Double, reason: Reason) {
        self.zone = zone
        self.instantS = instantS
        self.reason = reason
    }

    public var description: String {
        func time(_ seconds: Double) -> String { UTCTime.string(secondsSince1970: seconds) }
        let start = "the carbon intensity of \(zone) at \(time(instantS)) is unknown: "
        switch reason {
        case .empty: return start + "its series is empty; give data of that time"
        case .before(let startS): return start + "its data starts at \(time(startS)); give earlier data"
        case .after(let endS): return start + "its data ended at \(time(endS)); give later data"
        case .hole(let range):
            return start + "its data has a hole from \(time(range.lowerBound)) to \(time(range.upperBound)); "
                + "fill it or choose another time"
        }
    }
}
