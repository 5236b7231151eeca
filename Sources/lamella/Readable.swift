import Costs

/// Figures for people: three or four digits and a unit.
enum Readable {
    static func bytes(_ count: Int) -> String { scaled(Double(count), ["B", "kB", "MB", "GB", "TB"]) }
    static func bytesPerSecond(_ rate: Double) -> String { scaled(rate, ["B/s", "kB/s", "MB/s", "GB/s"]) }
    static func flop(_ count: Double) -> String { scaled(count, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"]) }
    static func flops(_ rate: Double) -> String {
        scaled(rate, ["FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s"])
    }

    static func hertz(_ frequency: Double) -> String { scaled(frequency, ["Hz", "kHz", "MHz", "GHz"]) }

    static func seconds(_ time: Double) -> String {
        switch abs(time) {
        case 0: "0 s"
        case ..<1e-3: "\(digits(time * 1e6)) us"
        case ..<1: "\(digits(time * 1e3)) ms"
        default: "\(digits(time)) s"
        }
    }

    /// A time that somebody waits: `48 s`, `12 min`, `3 h 20 min`.
    static func span(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "for ever" }
        let minutes = Int((seconds / 60).rounded())
        if seconds < 10 { return self.seconds(seconds) }
        if seconds < 100 { return "\(Int(seconds.rounded())) s" }
        return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    static func joule(_ energy: Double) -> String { small(energy, "J") }
    static func gram(_ mass: Double) -> String { small(mass, "g") }

    /// An objective's figure with its unit.
    static func value(_ value: Double, of objective: Objective) -> String {
        switch objective {
        case .latency: seconds(value)
        case .throughput: value > 0 ? "\(seconds(value)) (\(digits(1 / value))/s)" : seconds(value)
        case .energy: joule(value)
        case .carbon: "\(gram(value)) CO2e"
        }
    }

    private static func small(_ value: Double, _ unit: String) -> String {
        switch abs(value) {
        case 0: "0 \(unit)"
        case ..<1e-6: "\(digits(value * 1e9)) n\(unit)"
        case ..<1e-3: "\(digits(value * 1e6)) u\(unit)"
        case ..<1: "\(digits(value * 1e3)) m\(unit)"
        case ..<1000: "\(digits(value)) \(unit)"
        default: "\(digits(value / 1000)) k\(unit)"
        }
    }

    static func percent(_ part: Double) -> String { "\(rounded(part * 100, 10)) %" }

    private static func scaled(_ value: Double, _ units: [String]) -> String {
        var value = value
        var index = 0
        while abs(value) >= 1000, index + 1 < units.count {
            value /= 1000
            index += 1
        }
        return "\(digits(value)) \(units[index])"
    }

    private static func digits(_ value: Double) -> String {
        switch abs(value) {
        case ..<10: rounded(value, 100)
        case ..<100: rounded(value, 10)
        default: rounded(value, 1)
        }
    }

    private static func rounded(_ value: Double, _ scale: Double) -> String {
        let result = (value * scale).rounded() / scale
        return result == result.rounded() && abs(result) < 1e15 ? "\(Int(result))" : "\(result)"
    }
}
