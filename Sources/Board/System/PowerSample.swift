/// The power of a board at an instant.
public struct PowerSample: Sendable, Equatable {
    public enum Origin: String, Codable, Sendable, CaseIterable {
        case measured
        /// Reckoned from the device's figures; no sensor said it.
        case modelled
    }

    public var powerW: Double
    /// On a clock that never steps.
    public var at: Duration
    public var origin: Origin
    /// What the sensors' files said; a sensor that sticks repeats it.
    public var raw: [Int]

    public init(powerW: Double, at: Duration, origin: Origin = .measured, raw: [Int] = []) {
        self.powerW = powerW
        self.at = at
        self.origin = origin
        self.raw = raw
    }
}

/// What came of one look at the sensors.
public enum PowerReading: Sendable, Equatable {
    case sample(PowerSample)
    /// Counters tell power only between two looks.
    case pending
    case fault(BoardFault)
}
