/// What a board's figures can be at all; whatever is outside is a fault and never a number.
public enum BoardLimits {
    /// 1 MHz to 20 GHz.
    public static let frequencyHz = 1_000_000...20_000_000_000
    /// Between what a sensor of a working board can feel.
    public static let milliCelsius = -55_000...200_000
    /// A rack's supply, far above any board.
    public static let powerW = 0.0...10_000.0
    public static let microVolt = 0...100_000_000
    public static let microAmpere = 0...500_000_000
    public static let linkMbitPerS = 1...1_000_000
    public static let cpuNumber = 0...65_535
    public static let maximumFrequencies = 256
    public static let maximumDomains = 64
    public static let maximumZones = 256
    public static let maximumTripPoints = 32
    public static let maximumSensors = 256
    public static let maximumRails = 32
    public static let maximumInterfaces = 256
    public static let maximumFaults = 1024
    /// Where the kernel lists no frequencies, so many between the least and the most are offered.
    public static let gridFrequencies = 8
}
