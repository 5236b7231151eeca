/// Decides whether a power sensor's readings are to be believed, and says once when that changes.
public struct SensorGuard: Sendable {
    public struct Limits: Sendable, Equatable {
        /// Outside it the sensor has jumped.
        public var plausibleW: ClosedRange<Double>
        /// So many equal readings, while the load changes by `stuckLoadChange`, are a sensor that sticks. A steady
        /// board repeats figures too, so that equal readings alone say nothing.
        public var stuckReadings: Int
        /// As a part of the whole board.
        public var stuckLoadChange: Double
        /// Good readings in a row before a sensor is believed again.
        public var recoveryReadings: Int

        public init(
            plausibleW: ClosedRange<Double> = 0...1000, stuckReadings: Int = 30, stuckLoadChange: Double = 0.5,
            recoveryReadings: Int = 3
        ) {
            precondition(stuckReadings >= 2, "one reading cannot repeat itself")
            precondition(stuckLoadChange > 0 && recoveryReadings >= 1, "limits are above 0")
            self.plausibleW = plausibleW
            self.stuckReadings = stuckReadings
            self.stuckLoadChange = stuckLoadChange
            self.recoveryReadings = recoveryReadings
        }
    }

    public enum Event: Sendable, Equatable {
        case lost(BoardFault)
        case recovered
    }

    public let name: String
    public let limits: Limits
    /// Named since the sensor was last believed, so that none is named twice; empty while it is believed.
    private var named: Set<BoardFault.Kind> = []
    private var goodReadings = 0
    private var lastRaw: [Int]?
    private var repeats = 0
    private var loadRange: ClosedRange<Double>?

    /// - Parameter name: the sensor's, for the faults.
    public init(name: String, limits: Limits = Limits()) {
        self.name = name
        self.limits = limits
    }

    public var isBelieved: Bool { named.isEmpty }

    /// - Parameter load: of the whole board, from 0 to 1 (nil: unknown; then nothing counts as stuck).
    /// - Returns: the sample where it is to be believed, and what is worth telling.
    public mutating func handle(
        _ reading: PowerReading, load: Double?
    ) -> (sample: PowerSample?, event: Event?) {
        switch reading {
        case .pending: return (nil, nil)
        case .fault(let fault): return (nil, lose(fault))
        case .sample(let sample):
            guard sample.powerW.isFinite, limits.plausibleW.contains(sample.powerW) else {
                return (nil, lose(jumped(sample.powerW)))
            }
            if isStuck(sample.raw, load: load) { return (nil, lose(stuck)) }
            guard !named.isEmpty else { return (sample, nil) }
            goodReadings += 1
            guard goodReadings >= limits.recoveryReadings else { return (nil, nil) }
            named = []
            return (sample, .recovered)
        }
    }

    private mutating func lose(_ fault: BoardFault) -> Event? {
        goodReadings = 0
        return named.insert(fault.kind).inserted ? .lost(fault) : nil
    }

    private mutating func isStuck(_ raw: [Int], load: Double?) -> Bool {
        guard !raw.isEmpty, raw == lastRaw else {
            lastRaw = raw
            repeats = 1
            loadRange = load.map { $0...$0 }
            return false
        }
        repeats = min(repeats + 1, limits.stuckReadings)
        if let load {
            loadRange = loadRange.map { min($0.lowerBound, load)...max($0.upperBound, load) } ?? load...load
        }
        guard repeats >= limits.stuckReadings, let loadRange else { return false }
        return loadRange.upperBound - loadRange.lowerBound >= limits.stuckLoadChange
    }

    private func jumped(_ powerW: Double) -> BoardFault {
        BoardFault(
            name, .absurd,
            "the sensor says \(powerW) W, outside \(limits.plausibleW.lowerBound) to \(limits.plausibleW.upperBound) W",
            consequence: "its readings are not used until they are plausible again")
    }

    private var stuck: BoardFault {
        BoardFault(
            name, .stuck, "the sensor has said the same \(limits.stuckReadings) times while the load changed",
            consequence: "its readings are not used until they change")
    }
}
