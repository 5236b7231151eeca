/// Something that happened while a scenario ran.
public struct TimelineEntry: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
        /// The bed itself: boards come up, it ends.
        case testbed
        /// Of the scenario.
        case event
        /// A plan was committed.
        case plan
        /// What else the leader said about a plan.
        case decision
        case leader
        case board
        /// Figures of the last few seconds.
        case measured
        /// What went wrong.
        case problem
    }

    /// What was measured since the last such entry.
    public struct Figures: Sendable, Equatable, Codable {
        public struct Board: Sendable, Equatable, Codable {
            public var node: String
            /// Mean over the time, of the virtual board itself, not of its sensor.
            public var powerW: Double
            public var energyJ: Double
            public var frequencyHz: Double
            public var temperatureC: Double
            /// CPU time used, as a part of what the board may use now.
            public var load: Double

            enum CodingKeys: String, CodingKey {
                case node, load
                case powerW = "power_w"
                case energyJ = "energy_j"
                case frequencyHz = "frequency_hz"
                case temperatureC = "temperature_c"
            }
        }

        public var answered: Int
        public var failed: Int
        /// Nil: none was answered.
        public var latencyMedianS: Double?
        public var latencyHighestS: Double?
        /// Of all boards.
        public var energyJ: Double
        public var boards: [Board]

        enum CodingKeys: String, CodingKey {
            case answered, failed, boards
            case latencyMedianS = "latency_median_s"
            case latencyHighestS = "latency_highest_s"
            case energyJ = "energy_j"
        }
    }

    /// Since the first request.
    public var atS: Double
    public var kind: Kind
    public var text: String
    public var figures: Figures?

    public init(atS: Double, kind: Kind, text: String, figures: Figures? = nil) {
        self.atS = atS
        self.kind = kind
        self.text = text
        self.figures = figures
    }

    enum CodingKeys: String, CodingKey {
        case kind, text, figures
        case atS = "at_s"
    }

    /// One line for a terminal.
    public var line: String {
        let time = Self.fixed(atS, 1)
        let padding = String(repeating: " ", count: max(0, 8 - time.count))
        let name = kind.rawValue + String(repeating: " ", count: max(0, 9 - kind.rawValue.count))
        return "\(padding)\(time) s  \(name) \(text)"
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let units = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && units > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(units)" }
        let rest = "\(units % scale)"
        return "\(sign)\(units / scale).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }
}
