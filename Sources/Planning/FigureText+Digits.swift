extension FigureText {
    /// Rounded to so many digits that count, as the rule says: 9.4357e6 to 9.43e6 or 9.44e6.
    ///
    /// The result is the double that its decimal text is read as, for magnitudes of 1e-15 to 1e22.
    public static func rounded(_ value: Double, digits: Int, _ rule: FloatingPointRoundingRule) -> Double {
        guard value.isFinite, value != 0 else { return value }
        let least = power(digits - 1)
        var scale = 0
        while abs(scaled(value, by: scale)) >= least * 10, scale > -300 { scale -= 1 }
        while abs(scaled(value, by: scale)) < least, scale < 300 { scale += 1 }
        let digitsOfValue = scaled(value, by: scale)
        // What has no more digits already stays as it is, whatever the last bit of the product says.
        let nearest = digitsOfValue.rounded()
        let isWhole = abs(digitsOfValue - nearest) <= 1e-12 * abs(nearest)
        return scaled(isWhole ? nearest : digitsOfValue.rounded(rule), by: -scale)
    }

    /// With three digits that count: `9.43`, `236`, `0.0123`, `1230`.
    public static func threeDigits(_ value: Double) -> String {
        guard value.isFinite else { return number(value) }
        let shown = rounded(value, digits: 3, .toNearestOrAwayFromZero)
        var decimals = 2
        var limit = 1.0
        while decimals < 9, abs(shown) < limit, shown != 0 {
            limit /= 10
            decimals += 1
        }
        if abs(shown) >= 10 { decimals = 1 }
        if abs(shown) >= 100 { decimals = 0 }
        return fixed(shown, decimals: decimals)
    }

    /// A whole number with its thousands apart: `12,606,520,576`; `1.26e+16` where nobody would read them.
    public static func grouped(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else {
            return value.isFinite ? "\(rounded(value, digits: 3, .toNearestOrAwayFromZero))" : number(value)
        }
        let digits = Array(fixed(abs(value), decimals: 0))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append("," as Character) }
            text.append(digit)
        }
        return (value <= -0.5 ? "-" : "") + text
    }

    /// `3 periods`, `1 period`.
    public static func count(_ count: Int, _ noun: String) -> String {
        "\(grouped(Double(count))) \(noun)\(count == 1 ? "" : "s")"
    }

    /// A length of time that somebody chose, in the largest unit that it is a whole number of: `90 s`, `15 min`, `1 h`.
    public static func duration(_ seconds: Double) -> String {
        for (unitS, name) in [(86_400.0, "d"), (3600, "h"), (60, "min")] where seconds >= unitS {
            let count = seconds / unitS
            if count == count.rounded() { return "\(grouped(count)) \(name)" }
        }
        return "\(number(seconds)) s"
    }

    private static func scaled(_ value: Double, by exponent: Int) -> Double {
        exponent >= 0 ? value * power(exponent) : value / power(-exponent)
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= 10 }
        return result
    }
}
