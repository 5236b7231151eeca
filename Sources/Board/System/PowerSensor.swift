/// Something that tells power: a file, a voltage and a current, or a counter of energy.
public struct PowerSensor: Codable, Sendable, Equatable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case power
        case voltageTimesCurrent = "voltage_times_current"
        case energyCounter = "energy_counter"
    }

    /// How much of the board it covers.
    public enum Scope: String, Codable, Sendable, CaseIterable {
        /// All that the board draws from its supply.
        case board
        /// A part of it: one rail, or the processor alone.
        case part
        /// A battery: what the board draws only while nothing charges it.
        case battery
        case unknown
    }

    /// A file and what one of its units is in watts, volts, amperes or joules.
    public struct Attribute: Codable, Sendable, Equatable, Hashable {
        public var path: String
        public var unit: Double

        public init(path: String, unit: Double) {
            self.path = path
            self.unit = unit
        }
    }

    /// Unique on the board: `ina3221/VDD_IN`, `powercap/package-0`.
    public var name: String
    /// The kernel's name of the chip: `ina3221`, `ina3221x`, `intel-rapl`.
    public var chip: String
    public var label: String?
    public var kind: Kind
    public var scope: Scope
    /// One file, or the voltage's and then the current's.
    public var attributes: [Attribute]
    /// Where a counter starts again from 0 (nil: unknown, or no counter).
    public var rangeJ: Double?
    /// When it was looked at (nil: unknown; a counter needs two looks).
    public var powerW: Double?

    public init(
        name: String, chip: String, label: String? = nil, kind: Kind, scope: Scope = .unknown,
        attributes: [Attribute], rangeJ: Double? = nil, powerW: Double? = nil
    ) {
        self.name = name
        self.chip = chip
        self.label = label
        self.kind = kind
        self.scope = scope
        self.attributes = attributes
        self.rangeJ = rangeJ
        self.powerW = powerW
    }

    enum CodingKeys: String, CodingKey {
        case name, chip, label, kind, scope, attributes
        case rangeJ = "range_j"
        case powerW = "power_w"
    }
}
