/// A change of the board that is worth telling.
public enum BoardEvent: Sendable, Equatable, CustomStringConvertible {
    /// The clock cannot reach what was planned.
    case throttled(domain: String, plannedHz: Double, frequencyHz: Double, celsius: Double?)
    case throttlingEnded(domain: String, frequencyHz: Double)
    /// At or above the temperature from which on the kernel slows the board down.
    case hot(zone: String, celsius: Double, tripCelsius: Double)
    case cooled(zone: String, celsius: Double)
    case memoryLow(availableBytes: Int, limitBytes: Int)
    case memoryEnough(availableBytes: Int)
    case sensorLost(BoardFault)
    case sensorReturned(path: String)

    /// One sentence.
    public var description: String {
        func megahertz(_ hz: Double) -> String { FrequencyWrites.megahertz(hz) }
        switch self {
        case .throttled(let domain, let plannedHz, let frequencyHz, let celsius):
            return "\(domain) reaches \(megahertz(frequencyHz)) of the planned \(megahertz(plannedHz))"
                + (celsius.map { "; the hottest zone is at \($0) C" } ?? "")
        case .throttlingEnded(let domain, let frequencyHz):
            return "\(domain) reaches the planned \(megahertz(frequencyHz)) again"
        case .hot(let zone, let celsius, let trip):
            return "\(zone) is at \(celsius) C, at or above \(trip) C, where the kernel slows the board down"
        case .cooled(let zone, let celsius): return "\(zone) has cooled down to \(celsius) C"
        case .memoryLow(let availableBytes, let limitBytes):
            return "\(availableBytes) bytes of memory are available, fewer than \(limitBytes)"
        case .memoryEnough(let availableBytes): return "\(availableBytes) bytes of memory are available again"
        case .sensorLost(let fault): return fault.description
        case .sensorReturned(let path): return "\(path): can be read again"
        }
    }
}
