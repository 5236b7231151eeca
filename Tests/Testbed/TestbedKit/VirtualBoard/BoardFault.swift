/// What can go wrong with a virtual board's devices; each stays until it is healed.
public enum BoardFault: String, Sendable, Codable, CaseIterable, Hashable {
    /// The power sensor's folder is gone.
    case sensorVanishes = "sensor_vanishes"
    /// The power sensor repeats its last value.
    case sensorSticks = "sensor_sticks"
    /// The power sensor says a thousand times what is true.
    case sensorJumps = "sensor_jumps"
    /// Reading the power sensor fails with EIO.
    case sensorFails = "sensor_fails"
    /// The power sensor's files are empty.
    case sensorEmpty = "sensor_empty"
    /// The power sensor's files hold no number.
    case sensorText = "sensor_text"
    /// Reading the temperature fails with EIO.
    case temperatureFails = "temperature_fails"
    /// Writing to a clock's files fails with EIO.
    case writeRefused = "write_refused"
    /// Writing to a clock's files succeeds and changes nothing, as where the firmware knows better.
    case writeIgnored = "write_ignored"
    /// A clock's files are read-only, for root too.
    case locked
    /// No file answers, as where a driver waits for its device for ever.
    case hangs

    var concernsSensor: Bool {
        switch self {
        case .sensorVanishes, .sensorSticks, .sensorJumps, .sensorFails, .sensorEmpty, .sensorText: true
        default: false
        }
    }
}
