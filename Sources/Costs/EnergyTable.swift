/// Powers and grid intensities of a problem's devices, by index; nil is unknown.
///
/// Energy of a device for one inference (dissertation, equations 8.1 and 9.3, for any number of devices):
/// - compute: the power at its operating point, while it computes, reads weights and moves tensors inside itself; or
///   what was measured for a bundle;
/// - upload and download: what its radio or network card adds while bytes move (`TransferPower`);
/// - hold: idle power for the rest of the latency (one inference at a time) or of the cycle (continuous service).
///
/// The published model of one inference at a time (FreDDI) leaves hold out.
public struct EnergyTable: Sendable {
    public let costModel: CostModel
    public let service: Service
    /// By device and point.
    public let computePowerW: [[Double?]]
    public let idlePowerW: [Double?]
    public let transferPower: [TransferPower?]
    public let intensityGPerKwh: [Double?]
    /// Does the objective `energy` count the device?
    public let isCounted: [Bool]

    public static let joulePerKwh = 3.6e6

    public init(_ problem: Problem) {
        costModel = problem.costModel
        service = problem.service
        computePowerW = problem.devices.map { $0.points.map(\.computePowerW) }
        idlePowerW = problem.devices.map(\.idlePowerW)
        transferPower = problem.devices.map(\.transferPower)
        intensityGPerKwh = problem.devices.map(\.intensityGPerKwh)
        isCounted = problem.devices.map { problem.energyScope == .all || $0.deviceClass == .edge }
    }

    /// Does waiting cost anything in this model?
    public var holds: Bool { costModel == .sound || service == .continuous }

    /// Watt that a waiting device takes; zero where the model does not count it, nil where it is unknown.
    public func holdPowerW(_ device: Int) -> Double? { holds ? idlePowerW[device] : 0 }

    /// Watt that sending or receiving adds.
    public func transferPowerW(
        _ device: Int, _ direction: TransferPower.Direction, bytesPerS: Double
    ) -> Double? {
        transferPower[device]?.powerW(direction, bytesPerS: bytesPerS, model: costModel)
    }

    /// Grams for a joule of the device.
    public func gramPerJ(_ device: Int) -> Double? { intensityGPerKwh[device].map { $0 / Self.joulePerKwh } }
}
