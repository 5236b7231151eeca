/// The words that a key of a file or a problem takes, for messages about others.
public enum AllowedWords {
    /// `latency, energy, carbon or throughput` for `objective`; nil for a key that takes more than a few words.
    public static func text(ofKey key: String) -> String? {
        let words: [String]
        switch key {
        case "class": words = DeviceClass.allCases.map(\.rawValue)
        case "objective": words = Objective.allCases.map(\.rawValue)
        case "service": words = Service.allCases.map(\.rawValue)
        case "weights": words = WeightsPolicy.allCases.map(\.rawValue)
        case "cost_model": words = CostModel.allCases.map(\.rawValue)
        case "sharing": words = SharingChoice.allCases.map(\.rawValue)
        case "energy_scope": words = EnergyScope.allCases.map(\.rawValue)
        case "kind": words = PlannedLayer.Kind.allCases.map(\.rawValue)
        default: return nil
        }
        return words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    }
}
