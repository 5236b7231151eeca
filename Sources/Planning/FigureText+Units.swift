import Costs

extension FigureText {
    /// `0 J`, `12.3 uJ`, `4.56 mJ`, `1.234 J`, `2.5 kJ`, and so on to TJ.
    public static func joule(_ value: Double) -> String {
        scaled(value, "J", [(1e12, "TJ"), (1e9, "GJ"), (1e6, "MJ"), (1e3, "kJ")])
    }

    /// `0 g`, `12.3 ug`, `4.56 mg`, `1.234 g`, `2.5 kg`, and tonnes.
    public static func gram(_ value: Double) -> String { scaled(value, "g", [(1e6, "t"), (1e3, "kg")]) }

    /// `921.6 MHz`.
    public static func hertz(_ value: Double) -> String {
        switch abs(value) {
        case ..<1e3: "\(fixed(value, decimals: 0)) Hz"
        case ..<1e6: "\(fixed(value / 1e3, decimals: 1)) kHz"
        case ..<1e9: "\(fixed(value / 1e6, decimals: 1)) MHz"
        default: "\(fixed(value / 1e9, decimals: 3)) GHz"
        }
    }

    /// The objective's figure in its unit.
    public static func value(_ value: Double, of objective: Objective) -> String {
        switch objective {
        case .latency, .throughput: seconds(value)
        case .energy: joule(value)
        case .carbon: gram(value)
        }
    }

    /// With about as many digits as a person wants: `0.000123`, `3.14`, `12.3`, `123`, `123,456`.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var decimals = 2
        var limit = 1.0
        while decimals < 9, abs(value) < limit, value != 0 {
            limit /= 10
            decimals += 1
        }
        if abs(value) >= 10 { decimals = 1 }
        if abs(value) >= 100 || value == value.rounded() { decimals = 0 }
        if abs(value) >= 1e4 { return grouped(value) }
        return fixed(value, decimals: decimals)
    }

    private static func scaled(
        _ value: Double, _ unit: String, _ larger: [(size: Double, unit: String)]
    ) -> String {
        guard value.isFinite else { return "unknown" }
        switch abs(value) {
        case 0: return "0 \(unit)"
        case ..<1e-7: return "\(threeDigits(value * 1e9)) n\(unit)"
        case ..<1e-3: return "\(fixed(value * 1e6, decimals: 1)) u\(unit)"
        case ..<1: return "\(fixed(value * 1e3, decimals: 2)) m\(unit)"
        case ..<1e4: return "\(fixed(value, decimals: 3)) \(unit)"
        default: break
        }
        // Ten of a unit before it is used: four digits read better than one and its decimals.
        guard let chosen = larger.first(where: { abs(value) >= 10 * $0.size }) else { return "\(value) \(unit)" }
        let count = value / chosen.size
        return abs(count) < 1e4
            ? "\(fixed(count, decimals: 2)) \(chosen.unit)" : "\(grouped(count)) \(chosen.unit)"
    }
}
