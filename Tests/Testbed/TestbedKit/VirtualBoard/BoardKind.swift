/// Boards to start from. Frequencies are those of the real ones; voltages, capacitance and thermal figures are made up
/// to lie in their range: the test bed needs boards that differ as real ones do, not copies.
public enum BoardKind: String, Sendable, Codable, CaseIterable {
    case lePotato = "le-potato"
    case jetsonNano = "jetson-nano"
    case raspberryPi4 = "raspberry-pi-4"
    case server

    public var hardware: BoardHardware {
        switch self {
        case .lePotato:
            BoardHardware(
                model: "Libre Computer AML-S905X-CC", cores: 0.25,
                processor: Self.clock(
                    mHz: [500, 667, 1000, 1200, 1416, 1512], voltsFrom: 0.86, to: 1.12, fullPowerW: 2.6,
                    governor: "schedutil"),
                processorCount: 4, accelerator: nil, acceleratorName: "", computeClock: .processor, staticPowerW: 1.2,
                thermal: .init(resistanceCPerW: 11, timeConstantS: 30), powerSensor: .hwmon, sensorWindowS: 0.1,
                supplyVoltageV: 5, memoryBytes: 300 << 20, networkMbitPerS: 100)
        case .jetsonNano:
            BoardHardware(
                model: "NVIDIA Jetson Nano Developer Kit", cores: 0.45,
                processor: Self.clock(
                    mHz: [102, 204, 307.2, 518.4, 710.4, 921.6, 1224, 1479], voltsFrom: 0.80, to: 1.03,
                    fullPowerW: 3, governor: "schedutil"),
                processorCount: 4,
                accelerator: Self.clock(
                    mHz: [230.4, 307.2, 384, 460.8, 537.6, 614.4, 691.2, 768, 844.8, 921.6], voltsFrom: 0.80,
                    to: 1.06, fullPowerW: 6.5, governor: "nvhost_podgov"),
                acceleratorName: "57000000.gpu", computeClock: .accelerator, staticPowerW: 1.9,
                thermal: .init(resistanceCPerW: 5, timeConstantS: 60, passiveTripC: 97, criticalTripC: 102.5),
                powerSensor: .ina3221, sensorWindowS: 0.1, supplyVoltageV: 5.1, memoryBytes: 600 << 20,
                networkMbitPerS: 1000)
        case .raspberryPi4:
            BoardHardware(
                model: "Raspberry Pi 4 Model B Rev 1.4", cores: 0.35,
                processor: Self.clock(
                    mHz: [600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500], voltsFrom: 0.80, to: 0.95,
                    fullPowerW: 3.6, governor: "ondemand"),
                processorCount: 4, accelerator: nil, acceleratorName: "", computeClock: .processor, staticPowerW: 2.2,
                thermal: .init(resistanceCPerW: 9, timeConstantS: 40), powerSensor: .hwmon, sensorWindowS: 0.1,
                supplyVoltageV: 5, memoryBytes: 400 << 20, networkMbitPerS: 1000)
        case .server:
            BoardHardware(
                model: nil, cores: 0.5,
                processor: Self.clock(
                    mHz: [1200, 1600, 2000, 2400, 2800, 3200], voltsFrom: 0.75, to: 1.10, fullPowerW: 45,
                    governor: "schedutil"),
                processorCount: 8, accelerator: nil, acceleratorName: "", computeClock: .processor, staticPowerW: 22,
                thermal: .init(resistanceCPerW: 0.6, timeConstantS: 25, passiveTripC: 90, criticalTripC: 105),
                powerSensor: .powercap, sensorWindowS: 0.001, supplyVoltageV: 12, memoryBytes: 1 << 30,
                networkMbitPerS: 1000)
        }
    }

    /// A clock whose voltage rises in a straight line with the frequency.
    static func clock(
        mHz: [Double], voltsFrom lowest: Double, to highest: Double, fullPowerW: Double, governor: String
    ) -> BoardHardware.Clock {
        let first = mHz[0] * 1e6
        let last = mHz[mHz.count - 1] * 1e6
        let points = mHz.map { mHz in
            let frequencyHz = (mHz * 1e6).rounded()
            let part = last > first ? (frequencyHz - first) / (last - first) : 1
            return BoardHardware.Clock.Point(
                frequencyHz: frequencyHz, voltageV: lowest + (highest - lowest) * part)
        }
        return BoardHardware.Clock(
            points: points, capacitanceF: fullPowerW / (highest * highest * last), governor: governor)
    }
}
