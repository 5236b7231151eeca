import ArgumentParser
import Cluster
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

    @Option(
        name: .customLong("pin"),
        help: ArgumentHelp("Runs a layer on a device, whatever is best; repeatable.", valueName: "layer=device"))
    var pinTexts: [String] = []

    @Option(
        name: .customLong("clock"),
        help: ArgumentHelp("Runs a device at a clock, whatever is best; repeatable.", valueName: "device=hz"))
    var clockTexts: [String] = []

    @Option(
        help: """
            on: boards share operators, each a part of the same one; off: each layer runs on one device; auto: on \
            where that is predicted to save 5 % or more.
            """)
    var sharing: SharingChoice?

    /// Layers that have their device already (nil: none).
    var pins: [LayerPin]? {
        get throws {
            let pins = try pinTexts.map { text in
                let (layer, device) = try Self.parts(text, "--pin", "LAYER=DEVICE, as node_conv2d=nano")
                return LayerPin(layer: layer, device: DeviceID(device))
            }
            guard Set(pins.map(\.layer)).count == pins.count else {
                throw ValidationError("--pin names a layer twice; keep one device for each")
            }
            return pins.isEmpty ? nil : pins
        }
    }

    /// Devices that have their clock already (nil: none).
    var clocks: [ClockPin]? {
        get throws {
            let clocks = try clockTexts.map { text in
                let example = "DEVICE=HZ, as nano=921.6e6"
                let (device, number) = try Self.parts(text, "--clock", example)
                guard let frequencyHz = Double(number), frequencyHz > 0, frequencyHz.isFinite else {
                    throw ValidationError("--clock '\(text)': give \(example)")
                }
                return ClockPin(device: DeviceID(device), frequencyHz: frequencyHz)
            }
            guard Set(clocks.map(\.device)).count == clocks.count else {
                throw ValidationError("--clock names a device twice; keep one clock for each")
            }
            return clocks.isEmpty ? nil : clocks
        }
    }

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
        _ = try pins
        _ = try clocks
        if objective == .throughput, service == .oneAtATime {
            throw ValidationError("--objective throughput needs the service continuous; leave --service out")
        }
        if sharing == .on, objective == .throughput || service == .continuous {
            throw ValidationError("--sharing on is for one inference at a time; say auto, or leave it out")
        }
        if sharing == .on, let limits, !limits.areKeptSharing {
            throw ValidationError(
                "--sharing on keeps limits of latency, energy and carbon; leave the others or it out, or say auto")
        }
    }

    private static func parts(_ text: String, _ option: String, _ form: String) throws -> (String, String) {
        guard let sign = text.lastIndex(of: "=" as Character), sign != text.startIndex,
            text.index(after: sign) != text.endIndex
        else { throw ValidationError("\(option) '\(text)': give \(form)") }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    private static func energyLimit(_ text: String) throws -> Constraints.EnergyLimit {
        guard let sign = text.lastIndex(of: "=" as Character), sign != text.startIndex,
            let energyJ = Double(text[text.index(after: sign)...]), energyJ > 0, energyJ.isFinite
        else { throw ValidationError("--max-energy '\(text)': give DEVICE=JOULE, as nano=2.5") }
        return Constraints.EnergyLimit(device: DeviceID(String(text[..<sign])), energyJ: energyJ)
    }
}
