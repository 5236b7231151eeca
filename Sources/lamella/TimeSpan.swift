import ArgumentParser

/// A length of time as people write it: `90s`, `5m`, `2h`, `1d`; a bare number is seconds.
struct TimeSpan: ExpressibleByArgument, Equatable {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument : String(argument.dropLast())), number.isFinite, number >= 0
        else { return nil }
        seconds = number * (unit ?? 1)
    }

    var defaultValueDescription: String {
        for (unit, size) in [("d", 86_400.0), ("h", 3600), ("m", 60)] {
            let count = seconds / size
            if count >= 1, count == count.rounded() { return "\(Int(count))\(unit)" }
        }
        return seconds == seconds.rounded() ? "\(Int(seconds))s" : "\(seconds)s"
    }
}
