import ArgumentParser
import Costs

/// What plans of a running cluster shall be made for.
struct GoalOptions: ParsableArguments {
    @Option(help: "What plans shall make least: latency, energy, carbon, or throughput (the time between results).")
    var objective: Objective?

    @Option(help: "one_at_a_time, or continuous: one inference for each stage; throughput implies it.")
    var service: Service?

    @Option(
        name: .customLong("max-latency"), parsing: .unconditional,
        help: ArgumentHelp("Longest latency of an inference.", valueName: "seconds"))
    var maximumLatencyS: Double?

    @Option(
        name: .customLong("max-energy"),
        help: ArgumentHelp("Most energy of one device for an inference; repeatable.", valueName: "device=joule"))
    var maximumEnergy: [String] = []

    @Option(
        name: .customLong("max-carbon"), parsing: .unconditional,
        help: ArgumentHelp("Most CO2 for an inference.", valueName: "gram"))
    var maximumCarbonG: Double?

    @Option(
        name: .customLong("min-throughput"), parsing: .unconditional,
        help: ArgumentHelp("Fewest inferences per second.", valueName: "number"))
    var minimumThroughputPerS: Double?

    /// The limits (nil: none is asked for).
    var constraints: Constraints? {
        get throws {
            let limits = Constraints(
                maximumLatencyS: maximumLatencyS, maximumEnergy: try maximumEnergy.map(Self.energyLimit),
                maximumCarbonG: maximumCarbonG, minimumThroughputPerS: minimumThroughputPerS)
            return limits == Constraints() ? nil : limits
        }
    }

    func validate() throws {
        for (name, value) in [
            ("max-latency", maximumLatencyS), ("max-carbon", maximumCarbonG), ("min-throughput", minimumThroughputPerS),
        ] {
            if let value, !(value > 0 && value.isFinite) {
                throw ValidationError("--\(name) is \(value); give a number above 0")
            }
        }
        let limits = try constraints
        let devices = limits?.maximumEnergy.map(\.device) ?? []
        guard Set(devices).count == devices.count else {
            throw ValidationError("--max-energy names a device twice; give one limit for each")
        }
        if objective == .throughput, service == .oneAtATime {
            throw ValidationError("--objective throughput needs the service continuous; leave --service out")
        }
    }

    private static func energyLimit(_ text: String) throws -> Constraints.EnergyLimit {
        guard let sign = text.lastIndex(of: "=" as Character), sign != text.startIndex,
            let energyJ = Double(text[text.index(after: sign)...]), energyJ > 0, energyJ.isFinite
        else { throw ValidationError("--max-energy '\(text)': give DEVICE=JOULE, as nano=2.5") }
        return Constraints.EnergyLimit(device: DeviceID(String(text[..<sign])), energyJ: energyJ)
    }
}
