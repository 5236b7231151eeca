import ArgumentParser

/// A length of time as a person writes it: `90`, `90s`, `15m`, `1h`, `1d`.
struct PeriodArgument {
    let seconds: Double

    /// - Throws: what can be written.
    init(_ text: String) throws {
        var number = Substring(text)
        var unitS = 1.0
        switch text.last {
        case "s": number.removeLast()
        case "m":
            number.removeLast()
            unitS = 60
        case "h":
            number.removeLast()
            unitS = 3600
        case "d":
            number.removeLast()
            unitS = 86400
        default: break
        }
        guard let value = Double(String(number)), value > 0, (value * unitS).isFinite else {
            throw ValidationError("give a time above 0, as 90s, 15m, 1h or 1d")
        }
        seconds = value * unitS
    }
}
