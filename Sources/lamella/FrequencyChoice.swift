import ArgumentParser

/// Which clocks are measured, as a person writes it: `all`, `current`, or `600e6,1.2e9`.
enum FrequencyChoice: ExpressibleByArgument, Equatable {
    case all
    /// As they are found; nothing is changed.
    case current
    /// In Hz.
    case list([Double])

    init?(argument: String) {
        switch argument {
        case "all": self = .all
        case "current": self = .current
        default:
            let values = argument.split(separator: "," as Character, omittingEmptySubsequences: false).map {
                Double(String($0)).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
            }
            let known = values.compactMap(\.self)
            guard known.count == values.count else { return nil }
            self = .list(known)
        }
    }

    var defaultValueDescription: String { "current" }
}
