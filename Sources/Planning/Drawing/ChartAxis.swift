/// One axis of a chart: what it shows, in which unit, from where to where.
public struct ChartAxis: Sendable {
    /// A place on the axis and what is written there.
    public struct Tick: Sendable, Equatable {
        public var value: Double
        public var label: String

        public init(value: Double, label: String) {
            self.value = value
            self.label = label
        }
    }

    /// `latency`.
    public var title: String
    /// The unit of the values: `s`, `J`, `g`, or empty.
    public var unit: String
    /// Begin the axis at zero?
    public var startsAtZero: Bool
    /// Ticks of one's own, as for times of day (nil: round numbers).
    public var ticks: [Tick]?

    public init(_ title: String, unit: String, startsAtZero: Bool = false, ticks: [Tick]? = nil) {
        self.title = title
        self.unit = unit
        self.startsAtZero = startsAtZero
        self.ticks = ticks
    }

    /// The axis fitted to values.
    struct Fitted: Sendable {
        var lower: Double
        var upper: Double
        var ticks: [Tick]
        /// Title and unit.
        var caption: String

        /// 0 at the lower end, 1 at the upper.
        func share(_ value: Double) -> Double { (value - lower) / (upper - lower) }
    }

    /// Distances of round ticks, in tens.
    private static let roundSteps = [1.0, 2, 2.5, 5, 10]
    private static let tickCount = 8.0
    /// Part of the range that is left free at both ends.
    private static let margin = 0.05

    func fitted(_ values: [Double]) -> Fitted {
        let finite = values.filter(\.isFinite)
        var lower = finite.min() ?? 0
        var upper = finite.max() ?? 1
        if startsAtZero { lower = min(0, lower) }
        if upper <= lower {
            let room = lower == 0 ? 1 : abs(lower) * 0.1
            upper += room
            if !startsAtZero || lower != 0 { lower -= room }
        } else {
            let room = (upper - lower) * Self.margin
            upper += room
            if !(startsAtZero && lower == 0) { lower = lower >= 0 ? max(0, lower - room) : lower - room }
        }
        if let ticks {
            return Fitted(
                lower: lower, upper: upper, ticks: ticks.filter { $0.value >= lower && $0.value <= upper },
                caption: caption(unit))
        }
        let (factor, prefixed) = Self.prefix(max(abs(lower), abs(upper)), unit)
        let step = Self.roundStep((upper - lower) / Self.tickCount)
        var found: [Tick] = []
        var index = (lower / step).rounded(.up)
        let decimals = Self.decimals(step * factor)
        while index * step <= upper, found.count < 20 {
            found.append(
                Tick(value: index * step, label: FigureText.fixed(index * step * factor, decimals: decimals)))
            index += 1
        }
        return Fitted(lower: lower, upper: upper, ticks: found, caption: caption(prefixed))
    }

    private func caption(_ unit: String) -> String { unit.isEmpty ? title : "\(title) in \(unit)" }

    /// The least of 1, 2, 2.5, 5 and 10 times a power of ten that is at least `least`.
    public static func roundStep(_ least: Double) -> Double {
        guard least > 0, least.isFinite else { return 1 }
        var power = 1.0
        while power * 10 <= least { power *= 10 }
        while power > least { power /= 10 }
        return power * (roundSteps.first { $0 * power >= least * (1 - 1e-9) } ?? 10)
    }

    /// Decimals that tell multiples of a step apart.
    private static func decimals(_ step: Double) -> Int {
        var decimals = 0
        var scaled = step
        while decimals < 9, abs(scaled - scaled.rounded()) > 1e-6 * max(1, scaled) {
            scaled *= 10
            decimals += 1
        }
        return decimals
    }

    /// The prefix that keeps the labels short.
    private static func prefix(_ largest: Double, _ unit: String) -> (factor: Double, unit: String) {
        guard ["s", "J", "g", "W"].contains(unit), largest > 0 else { return (1, unit) }
        switch largest {
        case ..<1e-6: return (1e9, "n" + unit)
        case ..<1e-3: return (1e6, "µ" + unit)
        case ..<1: return (1e3, "m" + unit)
        case 1e4... where unit != "s": return (1e-3, "k" + unit)
        default: return (1, unit)
        }
    }
}
