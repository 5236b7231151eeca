/// Figures as a person reads them, without a locale.
public enum FigureText {
    /// `0 s`, `12.3 us`, `4.56 ms`, `1.234 s`.
    public static func seconds(_ value: Double) -> String {
        guard value.isFinite else { return "never" }
        switch abs(value) {
        case 0: return "0 s"
        case ..<1e-3: return "\(fixed(value * 1e6, decimals: 1)) us"
        case ..<1: return "\(fixed(value * 1e3, decimals: 2)) ms"
        case 1e4...: return "\(grouped(value)) s"
        default: return "\(fixed(value, decimals: 3)) s"
        }
    }

    /// `512 B`, `1.5 kB`, `258.1 MB`: decimal units.
    public static func bytes(_ value: Int) -> String {
        let number = Double(value)
        switch abs(number) {
        case ..<1e3: return "\(value) B"
        case ..<1e6: return "\(fixed(number / 1e3, decimals: 1)) kB"
        case ..<1e9: return "\(fixed(number / 1e6, decimals: 1)) MB"
        default: return "\(fixed(number / 1e9, decimals: 2)) GB"
        }
    }

    /// `89.9 %` for 0.899.
    public static func percent(_ share: Double) -> String { "\(fixed(share * 100, decimals: 1)) %" }

    /// With a fixed number of decimals, 0 to 9, half away from zero.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        precondition((0...9).contains(decimals))
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let whole = Int(scaled) / Int(scale)
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let part = String(Int(scaled) % Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - part.count) + part
    }
}
