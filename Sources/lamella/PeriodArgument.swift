import ArgumentParser

/// A length of time as a person writes it: `90`, `90s`, `15m`, `1h`, `1d`.
struct PeriodArgument: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        var number = Substring(argument)
        var unitS = 1.0
        switch argument.last {
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
        guard let value = Double(String(number)), value > 0, value.isFinite else { return nil }
        seconds = value * unitS
    }
}
